package flows

import "maps"

// Under is the bundle with the safety of a newer one: crisis cards and their
// numbers, crisis words, the words that stop and delete, and whatever the way
// through crisis needs come from the newest, while everything else stays as the
// conversation began.
func (b *Bundle) Under(newest *Bundle) *Bundle {
	if newest == nil || newest.Hash == b.Hash {
		return b
	}
	merged := *b
	merged.cards, merged.screener = newest.cards, newest.screener
	merged.flows, merged.vars, merged.consents = maps.Clone(b.flows), maps.Clone(b.vars), maps.Clone(b.consents)
	merged.bot.targets = maps.Clone(b.bot.targets)
	hub := *b.Hub
	hub.Contacts = maps.Clone(hub.Contacts)
	maps.Copy(hub.Contacts, newest.Hub.Contacts)
	merged.Hub = &hub
	taken := taking{from: newest, to: &merged, flows: map[string]bool{}, labels: map[string]bool{}}
	taken.flow(crisisFlow)
	for _, i := range []Interrupt{OnCrisis, OnConcern} {
		merged.bot.targets[i] = newest.bot.targets[i]
		taken.flow(newest.bot.targets[i].Flow)
	}
	for _, i := range Interrupts() {
		taken.target(i, newest.bot.targets[i])
	}
	merged.Words = b.Words.under(newest.Words, taken.wants)
	return &merged
}

// taking takes parts of a newer bundle into an older one.
type taking struct {
	from, to *Bundle
	flows    map[string]bool // taken whole
	labels   map[string]bool // keys of the short names of variables that came along
}

// target takes the place of an interrupt when it leads into what was taken, or when
// the older bundle was made before there was such an interrupt.
func (k taking) target(i Interrupt, target Frame) {
	old, known := k.to.bot.targets[i]
	if known && !k.flows[old.Flow] && !k.flows[target.Flow] || target == (Frame{}) {
		return
	}
	k.to.bot.targets[i] = target
	if k.to.state(target) == nil {
		k.flow(target.Flow)
	}
}

// flow takes a flow, what it asks and promises, and the flows that it calls.
func (k taking) flow(name string) {
	fl := k.from.flows[name]
	if fl == nil || k.flows[name] {
		return
	}
	k.flows[name] = true
	k.to.flows[name] = fl
	for _, st := range fl.states {
		if q := st.question; q != nil {
			k.variables(q.variable)
		}
		k.variables(st.items...)
		if st.refer != nil {
			k.variables(st.refer.send...)
		}
		if c := k.from.consents[st.consent]; c != nil {
			k.to.consents[st.consent] = c
			k.variables(c.covers...)
		}
		if st.kind == Call {
			k.flow(st.call)
		}
	}
}

// variables takes variables, and the words that name them in a review.
func (k taking) variables(names ...string) {
	for _, name := range names {
		if v := k.from.vars[name]; v != nil {
			k.to.vars[name] = v
			k.labels[v.flow+"."+name+".label"] = true
		}
	}
}

// wants says whether a text comes from the newest although the older bundle may
// have one: those of crisis, and of what came along with it. Texts that belong to no
// flow, such as those of buttons, may be newer than the older bundle.
func (k taking) wants(flow, key string, had bool) bool {
	if flow == cardsFile || flow == contactsFile || k.flows[flow] || k.labels[key] {
		return true
	}
	return !had && k.to.flows[flow] == nil
}
