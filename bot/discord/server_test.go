package discord_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/bottest"
	"github.com/star-house/frontdoor/bot/discord"
	"github.com/star-house/frontdoor/bot/discord/discordtest"
	"github.com/star-house/frontdoor/bot/transcript"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store/storetest"
)

// chat is the whole service with somebody on Discord.
type chat struct {
	*transcript.World
	*discordtest.Server
	person *discordtest.Person
}

// newChat opens one.
func newChat(t *testing.T) *chat {
	t.Helper()
	c := &chat{Server: discordtest.Start(t)}
	var err error
	c.World, err = transcript.NewWorld(bottest.Bundle(t), storetest.Monday, func(accept bot.Accept) transcript.Driver {
		c.person, _ = open(t, c.Server, accept)
		return c.person
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.World.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// sees waits until an update was taken and shows what came of it.
func (c *chat) sees(t *testing.T, update string) []transcript.Message {
	t.Helper()
	if err := c.person.Wait(t.Context(), update); err != nil {
		t.Fatal(err)
	}
	c.Service.Flush(t.Context())
	return c.person.Seen()
}

// answered waits for the first answer to an interaction.
func answered(t *testing.T, server *discordtest.Server, token string) map[string]any {
	t.Helper()
	storetest.Eventually(t, "the first answer", func(context.Context) error {
		if server.Answer(token) == nil {
			return errNotYet
		}
		return nil
	})
	return server.Answer(token)
}

// button is the id of a button on the screen.
func button(t *testing.T, seen []transcript.Message, id func(flows.Button) bool) string {
	t.Helper()
	for _, m := range seen {
		for _, b := range m.Buttons {
			if id(b) {
				return b.Data
			}
		}
	}
	t.Fatalf("no such button under %+v", seen)
	return ""
}

// named finds a button by its name in the script.
func named(id string) func(flows.Button) bool {
	return func(b flows.Button) bool { return b.ID == id }
}

// opensForm finds the button that opens the form.
func opensForm(b flows.Button) bool { return strings.HasPrefix(b.Data, "form:") }

// says says whether the words are among what was seen.
func says(seen []transcript.Message, words string) bool {
	for _, m := range seen {
		if strings.Contains(m.Text, words) {
			return true
		}
	}
	return false
}

// TestInAServer holds that in a server nobody but the asker sees anything, that
// nothing there is taken for a chat, and that nothing but a command is answered.
func TestInAServer(t *testing.T) {
	t.Parallel()
	server, k := discordtest.Start(t), &taken{}
	receive(t, server, adapter(t, server, discord.Config{}), k.accept)
	server.SaysInServer(user, "i want to die")
	for token, want := range map[string]string{
		server.Command(user, "help", "", true):            "999",
		server.Command(user, "privacy", "", true):         "talk in private",
		server.PressesInServer(user, "1.ABCD2345.3.h"):    "talk in private",
		server.PressesInServer(user, "form:1.ABCD2345.3"): "talk in private",
	} {
		a := answered(t, server, token)
		data, _ := a["data"].(map[string]any)
		content, _ := data["content"].(string)
		if text, _ := discordtest.Read(content); a["type"] != 4.0 || data["flags"] != 64.0 || !strings.Contains(text, want) {
			t.Errorf("answered %v, want %q", a, want)
		}
	}
	server.Says(user, "in private")
	k.wants(t, "in private")
	if n := server.Called("openDM") + server.Called("send"); n != 0 {
		t.Errorf("%d other calls were made", n)
	}
}

// TestStartInAServer holds that a start in a server begins the private chat, with
// the code of the poster, and says so to the asker alone.
func TestStartInAServer(t *testing.T) {
	t.Parallel()
	c := newChat(t)
	token := c.Command(user, "start", "p42", true)
	seen := c.sees(t, "i"+token)
	if !says(seen, "Who is this for?") {
		t.Errorf("in private: %+v", seen)
	}
	data, _ := answered(t, c.Server, token)["data"].(map[string]any)
	if content, _ := data["content"].(string); data["flags"] != 64.0 || !strings.Contains(content, "in private") {
		t.Errorf("in the server: %v", data)
	}
	who, err := c.Store.Person(discord.Name, discordtest.Chat(user))
	if err != nil {
		t.Fatal(err)
	}
	sn, err := c.Store.Load(t.Context(), who)
	if err != nil || sn.Conversation.Source != "p42" {
		t.Errorf("the poster's code: %q %v", sn.Conversation.Source, err)
	}
}

// TestPrivateChatRefused holds that somebody who takes no messages is told in the
// server what to do, and that nothing breaks.
func TestPrivateChatRefused(t *testing.T) {
	t.Parallel()
	server, k := discordtest.Start(t), &taken{}
	receive(t, server, adapter(t, server, discord.Config{}), k.accept)
	server.Fail("openDM", discordtest.Closed, 1)
	data, _ := answered(t, server, server.Command(user, "start", "", true))["data"].(map[string]any)
	called(t, server, "openDM", 1)
	if content, _ := data["content"].(string); !strings.Contains(content, "allow messages") {
		t.Errorf("told: %v", data)
	}
	server.Says(user, "still there")
	k.wants(t, "still there")
}

// TestForm holds that a typed answer can be given in a form, where it does not
// stand in the chat, and that a form that was opened for an earlier question does
// not answer a later one.
func TestForm(t *testing.T) {
	t.Parallel()
	c := newChat(t)
	seen := c.sees(t, "i"+c.Command(user, "start", "", false))
	seen = c.sees(t, "i"+c.Presses(user, button(t, seen, named("me"))))
	if !says(seen, "How old are you?") {
		t.Fatalf("the question: %+v", seen)
	}
	form := answered(t, c.Server, c.Presses(user, button(t, seen, opensForm)))
	data, _ := form["data"].(map[string]any)
	id, _ := data["custom_id"].(string)
	if form["type"] != 9.0 || id == "" {
		t.Fatalf("the button opens %v", form)
	}
	token := c.Submits(user, id, "19")
	if seen = c.sees(t, "i"+token); !says(seen, "postcode") || says(seen, "19") {
		t.Fatalf("after the form: %+v", seen)
	}
	if a := answered(t, c.Server, token); a["type"] != 6.0 {
		t.Errorf("the form is answered %v", a)
	}
	seen = c.sees(t, "i"+c.Presses(user, button(t, seen, named("skip"))))
	if !says(seen, "live, learn or work") {
		t.Fatalf("the next question: %+v", seen)
	}
	if seen = c.sees(t, "i"+c.Submits(user, id, "S10")); !says(seen, "older question") || !says(seen, "live, learn or work") {
		t.Errorf("after the form of an earlier question: %+v", seen)
	}
	who, err := c.Store.Person(discord.Name, discordtest.Chat(user))
	if err != nil {
		t.Fatal(err)
	}
	sn, err := c.Store.Load(t.Context(), who)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range sn.Conversation.Journal {
		if strings.Contains(strings.Join(e.Value, " "), "S10") {
			t.Errorf("it was taken as an answer: %+v", e)
		}
	}
	if seen = c.sees(t, "i"+c.Submits(user, id, "i want to kill myself")); !says(seen, "999") {
		t.Errorf("crisis words in an old form: %+v", seen)
	}
}

// TestListBesideButtons holds that a question with several answers is one list,
// and that buttons which are not part of it stay buttons.
func TestListBesideButtons(t *testing.T) {
	t.Parallel()
	for _, none := range []bool{false, true} {
		listBesideButtons(t, none)
	}
}

// listBesideButtons shows such a question; none says that nothing picked is an
// answer, and that an option stands alone.
func listBesideButtons(t *testing.T, none bool) {
	t.Helper()
	server := discordtest.Start(t)
	a := adapter(t, server, discord.Config{})
	tap := func(index string) string { return "1.ABCD2345.5." + index }
	r := flows.Reply{Seq: 5, Redraws: true, Blocks: []flows.Block{{Text: "Pick"}}, Last: []flows.Button{{Label: "Back", Data: tap("b"), ID: "b"}},
		Options: []flows.Button{{Label: "One", Data: tap("+0")}, {Label: "Two", Data: tap("-1"), On: true},
			{Label: "Done", Data: tap("d"), ID: "done"}, {Label: "Change that answer", Data: tap("e4"), ID: "change"}}}
	if none {
		r.None, r.Options = true, slices.Insert(r.Options, 2, flows.Button{Label: "Neither", Data: tap("2"), ID: "neither"})
	}
	m := bot.Render(r, a.Channel())[0]
	m.ID = "1"
	if _, err := a.Send(t.Context(), "7", m); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range server.Screen("7")[0].Components {
		for _, c := range row.(map[string]any)["components"].([]any) {
			component := c.(map[string]any)
			got = append(got, component["custom_id"].(string))
			options, _ := component["options"].([]any)
			for _, o := range options {
				option := o.(map[string]any)
				got = append(got, option["value"].(string)+" "+option["label"].(string))
			}
		}
	}
	want := "pick:" + tap("+0") + ", 0 One, 1 Two, " + tap("e4") + ", " + tap("b")
	if none {
		// What stands alone, and being done with nothing, are taps of their own.
		want = "pick:" + tap("+0") + ", 0 One, 1 Two, " + tap("2") + ", " + tap("d") + ", " + tap("e4") + ", " + tap("b")
	}
	if strings.Join(got, ", ") != want {
		t.Errorf("shown %v, want %s", got, want)
	}
}
