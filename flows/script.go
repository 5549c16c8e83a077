package flows

import (
	"github.com/star-house/frontdoor/flows/hub"
	"github.com/star-house/frontdoor/flows/screen"
	"github.com/star-house/frontdoor/flows/source"
)

// Bundle is a whole script, checked and immutable: structure, words, hub and
// crisis words. A conversation finishes on the bundle that it began with.
type Bundle struct {
	// Hash is the SHA-256 of the canonical files, in hex.
	Hash  string
	Hub   *hub.Hub
	Words *Words
	files Files
	bot   bot
	flows map[string]*flow
	cards map[string]*card
	vars  map[string]*variable
	// consents are bundle-wide: one id is one promise, wherever it is asked.
	consents map[string]*consent
	screener *screen.Screener
}

// Files are the files of a script by their path inside the folder: "bot.yaml",
// "hub.yaml", one file a flow, "crisis/CARD.yaml"; and "LANG/FLOW.yaml" for the
// words. Transcripts are not part of a bundle.
type Files struct {
	Scripts map[string][]byte `json:"scripts"`
	Locales map[string][]byte `json:"locales"`
}

// bot is bot.yaml: what holds for every flow.
type bot struct {
	name     string
	live     []string // languages, the default first
	draft    []string
	channels []string
	entry    string            // flow in which a conversation begins
	sources  map[string]string // known deep-link codes and the source each stands for
	rules    string            // version of the streetlight rules
	targets  map[Interrupt]Frame
	defaults wait
	quietTo  hub.TimeOfDay
	quiet    hub.TimeOfDay // start of the hours without reminders
	priority int           // how many ambers make an amber-priority
}

// Kind is one of the ten kinds of state.
type Kind string

// The ten kinds; a state has exactly one of these as a key.
const (
	Say     Kind = "say"
	Choose  Kind = "choose"
	Ask     Kind = "ask"
	Consent Kind = "consent"
	Branch  Kind = "branch"
	Call    Kind = "call"
	Crisis  Kind = "crisis"
	Review  Kind = "review"
	Refer   Kind = "refer"
	End     Kind = "end"
)

// kinds lists them in the order in which an error names them.
func kinds() []Kind {
	return []Kind{Say, Choose, Ask, Consent, Branch, Call, Crisis, Review, Refer, End}
}

// waits says whether a conversation rests in such a state until somebody acts.
func (k Kind) waits() bool {
	return k == Choose || k == Ask || k == Consent || k == Crisis || k == Review || k == Refer
}

// flow is one file of states.
type flow struct {
	name   string
	start  string
	states map[string]*state
	order  []string // state names as the file has them
}

// state is one step of a flow.
type state struct {
	name string
	kind Kind
	at   source.Pos
	// exits are where each event leads, inside the flow. Which events there are
	// depends on the kind: option ids, "answer", "agree", "done", ….
	exits    map[string]string
	question *question // choose, ask, crisis
	say      []string  // say, end: keys inside the flow
	consent  string    // consent, review and refer: the id it stands under
	rules    []rule    // branch
	call     string    // call: the flow
	card     string    // crisis: a card, or fitting
	items    []string  // review: variables
	refer    *refer
	end      *ending
	stay     bool // the conversation stays on the private page for good
	wait     wait
}

// question is what choose, ask and crisis have in common.
type question struct {
	variable string
	many     bool
	options  []option
	// missed is the option that is taken after the last retry, "" for none.
	missed string
}

// option is one button of a question.
type option struct {
	id    string
	light Light
	// only clears the other choices of a choose … many, as "none of these" does.
	only bool
}

// rule is one line of a branch.
type rule struct {
	when  *guard
	event string
}

// refer is what a referral takes along.
type refer struct {
	send    []string
	contact []string
	lanes   map[Light]Lane
	tags    []tag
}

// tag is a word for the worker that a guard decides.
type tag struct {
	id   string
	when *guard
}

// ending is how a flow is over.
type ending struct {
	label string
	do    []string
}

// wait is what happens while nobody answers.
type wait struct {
	retries  int
	stuck    Frame // after the last retry; the zero Frame for the bundle's own
	remind   []hub.Span
	expire   hub.Span
	expireTo Frame
	say      string // refer: what is said when the first reminder is due
}

// variable is one thing that can be asked.
type variable struct {
	name     string
	flow     string
	kind     varKind
	of       []string // enum, set
	max      int      // text: characters; integer: highest
	min      int      // integer
	class    string   // routing, personal, special
	optional bool
	at       source.Pos
}

// consent is one promise: what it covers, how long, for whom.
type consent struct {
	version int
	covers  []string
	keep    hub.Span
	to      string
	at      source.Pos
}

// card is one approved crisis card.
type card struct {
	id       string
	classes  []screen.Class
	past     []screen.Class // classes whose words, of what is over, show it
	red      []string       // variables whose red answers show it
	services []service
	approved bool
	at       source.Pos
}

// service is one line of a card, for those whom the guard fits.
type service struct {
	contact string
	when    *guard
}
