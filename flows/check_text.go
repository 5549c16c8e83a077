package flows

import (
	"maps"
	"slices"
	"strings"

	"github.com/star-house/frontdoor/flows/source"
)

// Limits of texts, so that every platform can show them: Discord takes 2,000
// characters a message and 80 on a button.
const (
	maxLabel = 60
	maxBlock = 1500
)

// botKeys are the texts that belong to no flow.
func botKeys() []string {
	return []string{"bot.back", "bot.help", "bot.start", "bot.done", "bot.skip", "bot.keep", "bot.carry_on",
		"bot.change_answer", "bot.sorry", "bot.pick_one", "bot.too_long", "bot.not_number", "bot.not_phone",
		"bot.not_postcode", "bot.not_email", "bot.not_text", "bot.moved_on", "bot.held", "bot.answered_before",
		"bot.not_answered", "bot.skipped", "bot.no_answers", "bot.kept", "bot.kept_withdrawn", "bot.no_back", "bot.stale", "bot.other_chat", "bot.ended",
		"bot.stopped", "bot.media", "bot.edited", "bot.media_for_worker", "bot.edited_for_worker", "bot.with_person",
		"bot.passed_on", "bot.claimed", "bot.released", "bot.worker_says", "bot.on_page", "bot.back_here", "bot.back_sent", "bot.hello", "bot.remind", "bot.fault", "bot.trouble", "bot.no_page",
		"web.title", "web.leave", "web.help", "web.heading", "web.intro", "web.start", "web.type", "web.send", "web.you",
		"web.bot", "web.change", "web.conversation", "web.choices", "web.lost", "web.unsent", "web.again", "web.no_link",
		"web.return_heading", "web.return_intro", "web.return_other", "web.return_start", "web.return_no", "web.private_heading", "web.private_intro", "web.private_start", "web.link_used",
		"web.help_title", "web.help_back", "web.scan", "web.scan_or", "web.desk_heading", "web.desk_intro",
		"commands.about", "commands.description", "commands.start", "commands.help", "commands.privacy", "commands.mydata",
		"commands.delete", "commands.withdraw", "commands.stop", "commands.hide", "commands.human", "commands.back",
		"commands.restart", "commands.language", "commands.source", "commands.in_private", "commands.type", "commands.change",
		"dates.day", "cards.foot", "cards.more", "contacts.unconfirmed", "words.yes", "words.no", "words.skip", "words.done", "words.and",
		"dates.monday", "dates.tuesday", "dates.wednesday", "dates.thursday", "dates.friday", "dates.saturday",
		"dates.sunday", "dates.january", "dates.february", "dates.march", "dates.april", "dates.may", "dates.june",
		"dates.july", "dates.august", "dates.september", "dates.october", "dates.november", "dates.december"}
}

// newKeys are texts that bundles from before they were thought of lack, and the
// older text that stands in: a conversation finishes on the bundle that it began
// with, so a program that is newer must still read that one.
func newKeys() map[string]string {
	return map[string]string{"bot.sorry_line": "bot.sorry", "bot.nothing_added": "bot.skipped", "bot.closest": "bot.sorry",
		"commands.numbers": "bot.help"}
}

// newKey is a key of botKeys or of newKeys, with the older one where the bundle
// lacks it.
func (b *Bundle) newKey(key string) string {
	if _, ok := b.Words.lookup(b.bot.live[0], key); !ok {
		if older, isNew := newKeys()[key]; isNew {
			return older
		}
	}
	return key
}

// staffKeys are texts for staff, which only the first language needs.
func staffKeys() []string {
	return []string{"alerts.duty", "alerts.look", "alerts.overdue", "alerts.lane", "alerts.lane_empty", "alerts.minutes",
		"alerts.hours", "alerts.days"}
}

// buttonKeys are those of botKeys that stand on buttons.
func buttonKeys() []string {
	return []string{"bot.back", "bot.help", "bot.start", "bot.done", "bot.skip", "bot.keep", "bot.carry_on", "bot.change_answer"}
}

// checkTexts holds the catalogue of every live language against the script: no
// text may be missing, since there is no silent fallback.
func (p *loader) checkTexts() {
	needed := map[string]source.Pos{}
	buttons := map[string]bool{}
	for _, key := range botKeys() {
		needed[key] = source.Pos{}
	}
	for _, key := range buttonKeys() {
		buttons[key] = true
	}
	for _, name := range p.flowNames() {
		fl := p.b.flows[name]
		for _, at := range fl.order {
			p.textsOf(fl, fl.states[at], needed, buttons)
		}
	}
	for id, c := range p.b.cards {
		needed[cardsFile+"."+id] = c.at
	}
	for id, c := range p.b.Hub.Contacts {
		needed[contactsFile+"."+id] = c.At
	}
	for i, lang := range p.b.bot.live {
		here := maps.Clone(needed)
		if i == 0 {
			for _, key := range slices.Concat(staffKeys(), criteriaKeys()) {
				here[key] = source.Pos{}
			}
		}
		p.checkCatalogue(lang, here, buttons)
	}
}

// textsOf adds the keys that a state reads.
func (p *loader) textsOf(fl *flow, st *state, needed map[string]source.Pos, buttons map[string]bool) {
	key := fl.name + "." + st.name
	button := func(name string) {
		needed[key+"."+name] = st.at
		buttons[key+"."+name] = true
	}
	for _, name := range st.say {
		needed[fl.name+"."+name] = st.at
	}
	if st.wait.say != "" {
		needed[fl.name+"."+st.wait.say] = st.at
	}
	switch st.kind {
	case Choose, Ask, Consent, Crisis, Review, Refer:
		needed[key] = st.at
	}
	switch st.kind {
	case Refer:
		needed[key+againSuffix] = st.at
	case Consent:
		button("agree")
		button("decline")
	case Review:
		button("submit")
		button("cancel")
	}
	if st.question == nil {
		return
	}
	for _, o := range st.question.options {
		button(o.id)
	}
	if v := p.b.vars[st.question.variable]; v != nil && v.kind != isLocale {
		needed[v.flow+"."+v.name+".label"] = v.at
		buttons[v.flow+"."+v.name+".label"] = true
	}
}

// checkCatalogue checks the texts of one language.
func (p *loader) checkCatalogue(lang string, needed map[string]source.Pos, buttons map[string]bool) {
	texts := p.b.Words.texts[lang]
	for key, at := range needed {
		if _, ok := texts[key]; !ok {
			flow, rest, _ := strings.Cut(key, ".")
			if at.File == "" {
				at = source.Pos{File: "locales/" + lang + "/" + flow + ".yaml"}
			}
			p.problems.Add(at, "TEXT", "the text %q is missing in locales/%s/%s.yaml", rest, lang, flow)
		}
	}
	for key, older := range newKeys() {
		if _, ok := texts[key]; !ok {
			p.problems.Warn(source.Pos{File: "locales/" + lang + "/bot.yaml"}, "TEXT", "the text %q is missing; %q stands in", key, older)
		}
	}
	for key, entry := range texts {
		_, used := needed[plainKey(key)]
		_, isNew := newKeys()[key]
		p.checkEntry(key, entry, used || isNew, buttons[key])
		p.checkStandings(key, entry, texts)
	}
}

// checkEntry checks one text.
func (p *loader) checkEntry(key string, entry word, used, button bool) {
	length := len([]rune(entry.text))
	flow, _, _ := strings.Cut(key, ".")
	switch {
	case strings.TrimSpace(entry.text) == "":
		p.problems.Add(entry.at, "TEXT", "this text is empty")
	case button && length > maxLabel:
		p.problems.Add(entry.at, "TEXT", "a button has at most %d characters; this has %d", maxLabel, length)
	case length > maxBlock:
		p.problems.Add(entry.at, "TEXT", "a text has at most %d characters; this has %d", maxBlock, length)
	}
	for _, name := range placeholders(entry.text) {
		if !p.fillable(flow, name) {
			p.problems.Add(entry.at, "TEXT", "nothing stands for {%s}", name)
		}
	}
	optional := strings.HasSuffix(key, ".also") || strings.HasSuffix(key, ".skip") || strings.HasSuffix(key, emptySuffix) || flow == wordsFile
	if !used && !optional {
		p.problems.Warn(entry.at, "UNUSED", "no state reads this text")
	}
}

// fillable says whether a name in braces means something in a text.
func (p *loader) fillable(flow, name string) bool {
	if id, ok := strings.CutPrefix(name, "contact."); ok {
		_, known := p.b.Hub.Contacts[id]
		return known
	}
	switch flow {
	case contactsFile:
		return slices.Contains([]string{"tel", "sms", "keyword", "url", "address"}, name)
	case alertsFile:
		return slices.Contains([]string{"reference", "lane", "count", "age"}, name)
	case criteriaFile:
		_, ofHub := hubValue(p.b.Hub, name)
		return ofHub || slices.Contains(criteriaFillings(), name)
	case "dates":
		return slices.Contains([]string{"weekday", "day", "month"}, name)
	}
	return slices.Contains(fillings(), name) || p.b.vars[name] != nil
}
