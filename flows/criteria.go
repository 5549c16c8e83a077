package flows

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/star-house/frontdoor/flows/hub"
)

// criteriaFile holds the words of the page that says how colours come about. Only
// the first language needs it.
const criteriaFile = "criteria"

const (
	// shortHash is how much of a bundle's hash people compare by eye.
	shortHash = 12
	// draftMark stands in the version of rules that nobody has signed off.
	draftMark = "draft"
)

// Criteria are the streetlight rules of a bundle in words, for those who point
// young people to the hub. They are read out of the bundle, so that the page that
// they make cannot say what the conversation does not do.
type Criteria struct {
	// Language is that of all words.
	Language string
	// Words are the headings and fixed sentences by their name in criteria.yaml,
	// filled in.
	Words map[string]string
	// Draft says that the version of the rules calls itself a draft.
	Draft bool
	// Apps are the least ages of single channels, where they are above the hub's.
	Apps []string
	// Colours say what each colour leads to, Never what none of them says, Rules
	// how answers make one.
	Colours      []Colour
	Never, Rules []string
	// Columns are the colours that answers have here, in their order.
	Columns   []Column
	Questions []Criterion
	// Beside are the questions about health that are asked with these and have no
	// colour.
	Beside []string
}

// Colour is what one colour leads to: who talks to the person next, and how soon.
type Colour struct {
	Light                 Light
	Name, Next, By, Clock string
}

// Column is one colour in words; the light is NoLight for answers that have none.
type Column struct {
	Light Light
	Name  string
}

// Criterion is one question with its answers, as a young person reads them.
type Criterion struct {
	Number  int
	Asks    string
	Answers []Graded
}

// Graded is an answer with the colour that it gives.
type Graded struct {
	Text  string
	Light Light
}

// Under are the answers that give a colour.
func (c Criterion) Under(l Light) []string {
	var out []string
	for _, a := range c.Answers {
		if a.Light == l {
			out = append(out, a.Text)
		}
	}
	return out
}

// lights are the colours from best to worst.
func lights() []Light { return []Light{Green, Amber, Red} }

// neverWords say what no colour says, in order.
func neverWords() []string {
	return []string{"never_score", "never_safe", "never_sorts", "never_shown", "never_decides", "never_instead"}
}

// criteriaWords are the names of all texts of criteria.yaml.
func criteriaWords() []string {
	out := []string{"title", "version", "draft", "intro", "way_in", "app", "meaning", "meaning_says", "colour", "next", "by", "soon",
		"clock", "clock_one", "hours", "never", "rules", "questions", "number", "question", "beside", "danger", "danger_says", "foot",
		"none", "at_once", "span_wd", "span_wd_one", "span_d", "span_d_one", "span_h", "span_h_one", "span_m", "span_m_one",
		"rule_worst", "rule_skip", "rule_ambers", "rule_red", "rule_crisis", "rule_concern", "rule_change", "rule_staff"}
	for _, l := range lights() {
		out = append(out, string(l))
	}
	for _, l := range Lanes() {
		out = append(out, "lane_"+string(l))
	}
	for _, r := range Roles() {
		out = append(out, "role_"+string(r))
	}
	return append(out, neverWords()...)
}

// criteriaKeys are the keys of those texts.
func criteriaKeys() []string {
	out := criteriaWords()
	for i, name := range out {
		out[i] = criteriaFile + "." + name
	}
	return out
}

// criteriaFillings are the names in braces that only these texts know.
func criteriaFillings() []string {
	return []string{"version", "bundle", "ambers", "count", "crisis_words", "concern_words", "channel", "n", "claim", "first",
		"skip", "colour", "choices"}
}

// criteriaWriter puts rules into words.
type criteriaWriter struct {
	b      *Bundle
	t      *turn
	values map[string]string
}

// Criteria puts the streetlight rules of the bundle into words of its first
// language.
func (b *Bundle) Criteria() Criteria {
	lang := b.bot.live[0]
	w := &criteriaWriter{b: b, t: &turn{b: b, c: &Conversation{Where: Where{Locale: lang}}}}
	asked := b.colouredQuestions()
	w.values = map[string]string{
		"version": b.bot.rules, "bundle": b.Hash[:shortHash], "ambers": strconv.Itoa(b.bot.priority), "count": strconv.Itoa(len(asked)),
		"crisis_words": reasonCrisisWords, "concern_words": reasonConcernWords,
	}
	c := Criteria{Language: lang, Draft: strings.Contains(b.bot.rules, draftMark), Words: map[string]string{}}
	for _, name := range criteriaWords() {
		c.Words[name] = w.say(name, nil)
	}
	for _, name := range neverWords() {
		c.Never = append(c.Never, c.Words[name])
	}
	c.Apps, c.Colours, c.Rules = w.apps(), w.colours(), w.rules(asked)
	for i, at := range asked {
		c.Questions = append(c.Questions, w.criterion(i+1, at))
	}
	c.Columns = w.columns(c.Questions)
	for _, at := range b.uncolouredBeside(asked) {
		c.Beside = append(c.Beside, w.t.text1(at.String()))
	}
	return c
}

// say is one text of criteria.yaml; more are values beside those of the bundle.
func (w *criteriaWriter) say(name string, more map[string]string) string {
	text, _ := w.b.Words.lookup(w.t.c.Locale, criteriaFile+"."+name)
	return fill(text, func(name string) string {
		if v, ok := more[name]; ok {
			return v
		}
		if v, ok := w.values[name]; ok {
			return v
		}
		return w.t.value(name)
	})
}

// apps name the channels that ask for a higher age than the hub.
func (w *criteriaWriter) apps() []string {
	var out []string
	for _, channel := range w.b.bot.channels {
		if least := w.b.Hub.Least(channel); least > w.b.Hub.Ages.Min {
			name := strings.ToUpper(channel[:1]) + channel[1:]
			out = append(out, w.say("app", map[string]string{"channel": name, "n": strconv.Itoa(least)}))
		}
	}
	return out
}

// colours say what each colour leads to. A script that sends one colour to two
// lanes gets a line for each.
func (w *criteriaWriter) colours() []Colour {
	var out []Colour
	for _, light := range lights() {
		for _, lane := range Lanes() {
			if !w.b.leadsTo(light, lane) {
				continue
			}
			out = append(out, Colour{Light: light, Name: w.say(string(light), nil), Next: w.say("lane_"+string(lane), nil),
				By: w.roles(lane), Clock: w.clock(w.b.Hub.Clocks[string(lane)])})
		}
	}
	return out
}

// leadsTo says whether a referral of a colour goes to a lane anywhere in the
// script.
func (b *Bundle) leadsTo(light Light, lane Lane) bool {
	for _, fl := range b.flows {
		for _, st := range fl.states {
			if st.refer != nil && st.refer.lanes[light] == lane {
				return true
			}
		}
	}
	return false
}

// roles are those who may take a referral from a lane.
func (w *criteriaWriter) roles(lane Lane) string {
	var out []string
	for _, role := range Roles() {
		if lane.admits(Staff{Role: role}) == nil {
			out = append(out, w.say("role_"+string(role), nil))
		}
	}
	return strings.Join(out, ", ")
}

// clock is how soon a lane is served, in words.
func (w *criteriaWriter) clock(c hub.Clock) string {
	if c.Claim == c.Contact {
		return w.say("clock_one", map[string]string{"claim": w.span(c.Claim)})
	}
	return w.say("clock", map[string]string{"claim": w.span(c.Claim), "first": w.span(c.Contact)})
}

// span is a length of time in words.
func (w *criteriaWriter) span(s hub.Span) string {
	if s == (hub.Span{}) {
		return w.say("at_once", nil)
	}
	short := s.String()
	n := strings.TrimRight(short, "abcdefghijklmnopqrstuvwxyz")
	name := "span_" + strings.TrimPrefix(short, n)
	if n == "1" {
		name += "_one"
	}
	return w.say(name, map[string]string{"n": n})
}

// rules say how answers make a colour. A rule that this script does not keep is
// left out.
func (w *criteriaWriter) rules(asked []Frame) []string {
	out := []string{w.say("rule_worst", nil)}
	if skip, light := w.missed(asked); skip != "" {
		colour := strings.ToLower(w.say(string(light), nil))
		out = append(out, w.say("rule_skip", map[string]string{"skip": skip, "colour": colour}))
	}
	out = append(out, w.say("rule_ambers", nil))
	if choices := w.redChoices(asked); len(choices) > 0 {
		out = append(out, w.say("rule_red", map[string]string{"choices": strings.Join(choices, " / ")}))
	}
	for _, name := range []string{"rule_crisis", "rule_concern", "rule_change", "rule_staff"} {
		out = append(out, w.say(name, nil))
	}
	return out
}

// missed is the answer that every question falls back to when it is passed over
// or not understood, and its colour; "" when the questions differ.
func (w *criteriaWriter) missed(asked []Frame) (string, Light) {
	var label string
	var light Light
	for i, at := range asked {
		q := w.b.state(at).question
		o := q.optionByID(q.missed)
		text := w.t.text1(at.String() + "." + o.id)
		if o.id == "" || o.light == NoLight || i > 0 && (text != label || o.light != light) {
			return "", NoLight
		}
		label, light = text, o.light
	}
	return label, light
}

// redChoices are what a person may choose after a red answer.
func (w *criteriaWriter) redChoices(asked []Frame) []string {
	var out []string
	for _, at := range asked {
		st := w.b.state(at)
		for _, o := range st.question.options {
			card := Frame{at.Flow, st.exits[o.id]}
			if o.light != Red || w.b.state(card) == nil {
				continue
			}
			for _, choice := range w.b.state(card).question.options {
				if text := w.t.text1(card.String() + "." + choice.id); !slices.Contains(out, text) {
					out = append(out, text)
				}
			}
		}
	}
	return out
}

// criterion is one question with its answers.
func (w *criteriaWriter) criterion(number int, at Frame) Criterion {
	c := Criterion{Number: number, Asks: w.t.text1(at.String())}
	for _, o := range w.b.state(at).question.options {
		c.Answers = append(c.Answers, Graded{Text: w.t.text1(at.String() + "." + o.id), Light: o.light})
	}
	return c
}

// columns are the three colours, and "none" when an answer has none.
func (w *criteriaWriter) columns(asked []Criterion) []Column {
	var out []Column
	for _, l := range lights() {
		out = append(out, Column{l, w.say(string(l), nil)})
	}
	if slices.ContainsFunc(asked, func(c Criterion) bool { return len(c.Under(NoLight)) > 0 }) {
		out = append(out, Column{NoLight, w.say("none", nil)})
	}
	return out
}

// colouredQuestions are the questions of which an answer has a colour, in the
// order in which the script asks them, and then those that interrupt it.
func (b *Bundle) colouredQuestions() []Frame {
	var out []Frame
	seen := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		for _, at := range b.flows[name].order {
			st := b.flows[name].states[at]
			if st.kind == Call {
				visit(st.call)
			}
			if st.coloured() {
				out = append(out, Frame{name, at})
			}
		}
	}
	visit(b.bot.entry)
	for _, name := range slices.Sorted(maps.Keys(b.flows)) {
		visit(name)
	}
	return out
}

// coloured says whether an answer to a state's question has a colour.
func (st *state) coloured() bool {
	return st.kind == Choose && slices.ContainsFunc(st.question.options, func(o option) bool { return o.light != NoLight })
}

// uncolouredBeside are the questions about health in the flows of coloured ones
// that have no colour.
func (b *Bundle) uncolouredBeside(asked []Frame) []Frame {
	var out []Frame
	var done []string
	for _, f := range asked {
		if slices.Contains(done, f.Flow) {
			continue
		}
		done = append(done, f.Flow)
		for _, at := range b.flows[f.Flow].order {
			st := b.flows[f.Flow].states[at]
			if st.kind == Choose && !st.coloured() && b.vars[st.question.variable].class == "special" {
				out = append(out, Frame{f.Flow, at})
			}
		}
	}
	return out
}
