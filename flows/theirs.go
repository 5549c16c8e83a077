package flows

// theirKeys are the texts that a language needs whose words of danger are understood,
// though nobody is spoken to in it yet: the question of concern, one card for all
// classes, and the foot.
func (b *Bundle) theirKeys() []string {
	check := b.bot.targets[OnConcern]
	out := []string{check.String(), cardsFile + "." + defaultCard, cardsFile + ".foot"}
	if st := b.state(check); st != nil && st.question != nil {
		for _, o := range st.question.options {
			out = append(out, check.String()+"."+o.id)
		}
	}
	return out
}

// inTheirs is a text once more in the language in which somebody wrote words of
// danger, when they are not spoken to in it (safeguarding.md, rule 10); none
// otherwise.
func (t *turn) inTheirs(key string) []Block {
	n := len(t.c.Hits)
	if n == 0 || t.c.Paused == nil && !t.c.Hits[n-1].At.Equal(t.in.At) {
		return nil
	}
	lang := t.c.Hits[n-1].Language
	if lang == t.c.Locale || contains(t.b.bot.live, lang) || !contains(t.b.theirKeys(), key) {
		return nil
	}
	text, ok := t.b.Words.lookup(lang, key)
	if !ok {
		return nil
	}
	return []Block{{Key: key, Text: fill(text, t.value), Lang: lang}}
}
