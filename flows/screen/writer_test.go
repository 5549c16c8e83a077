package screen_test

import (
	"testing"

	"github.com/star-house/frontdoor/flows/screen"
)

// TestWhoIsHarmed holds that what is done to the writer is answered as that, and
// what is done to a friend as a worry about a friend.
func TestWhoIsHarmed(t *testing.T) {
	t.Parallel()
	s := shipped(t)
	for text, want := range map[string]screen.Class{
		"my boyfriend forced me to have sex":                                   screen.Sexual,
		"someone is threatening to share my nudes":                             screen.Sexual,
		"my ex is threatening to share my nudes":                               screen.Sexual,
		"my mate forced me to have sex":                                        screen.Sexual,
		"someone is blackmailing me with my nudes":                             screen.Sexual,
		"my boyfriend is forcing me to sell drugs":                             screen.Exploitation,
		"my cousin is forcing me to marry":                                     screen.Honour,
		"my boyfriend hits me when hes drunk":                                  screen.Harmed,
		"my sister told me her boyfriend hits her":                             screen.Friend,
		"my friend made me promise not to tell but shes going to kill herself": screen.Friend,
		"my brother cuts his arms and he made me swear i wont tell mum":        screen.Friend,
		"my friend is being hit by her dad":                                    screen.Friend,
		"her boyfriend forced her":                                             screen.Friend,
		"my mate is getting blackmailed with her nudes":                        screen.Friend,
	} {
		if v := s.Screen(text); v.Class != want || v.Tier != screen.Crisis {
			t.Errorf("%q: %s %s by %s, want %s", text, v.Tier, v.Class, v.Rule, want)
		}
	}
}
