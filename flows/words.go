package flows

import (
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/star-house/frontdoor/flows/source"
)

// Words are the catalogues of a bundle: every sentence, by language and key.
type Words struct {
	texts map[string]map[string]word
	// stops are the words of each interrupt, folded, of all live languages.
	stops map[Interrupt]map[string]bool
}

// word is one text and where it stands.
type word struct {
	text string
	at   source.Pos
}

// wordsFile is the file of each language that lists the words of interrupts.
const wordsFile = "words"

// parseWords reads the catalogues: LANG/NAME.yaml holds the keys NAME.*. Folders
// below a language (crisis/) are not catalogues.
func parseWords(files map[string][]byte, live []string, ps *source.Problems) *Words {
	w := &Words{texts: map[string]map[string]word{}, stops: map[Interrupt]map[string]bool{}}
	for _, file := range slices.Sorted(maps.Keys(files)) {
		parts := strings.Split(file, "/")
		if len(parts) != 2 || path.Ext(file) != ".yaml" || strings.HasPrefix(parts[1], ".") {
			continue
		}
		lang, name := parts[0], strings.TrimSuffix(parts[1], ".yaml")
		if w.texts[lang] == nil {
			w.texts[lang] = map[string]word{}
		}
		for key, value := range source.Read("locales/"+file, files[file], ps).Pairs() {
			w.texts[lang][name+"."+key.Raw()] = word{text: value.Text(ps), at: value.Place()}
		}
	}
	for _, lang := range live {
		w.collectStops(lang, ps)
	}
	return w
}

// collectStops reads the words of each interrupt in one language.
func (w *Words) collectStops(lang string, ps *source.Problems) {
	for _, i := range typed() {
		entry, ok := w.texts[lang][wordsFile+"."+string(i)]
		if !ok {
			ps.Add(source.Pos{File: "locales/" + lang + "/" + wordsFile + ".yaml"}, "TEXT", "the words for %q are missing", i)
			continue
		}
		if w.stops[i] == nil {
			w.stops[i] = map[string]bool{}
		}
		for said := range strings.SplitSeq(entry.text, ",") {
			w.stops[i][fold(said)] = true
		}
	}
}

// means says whether a folded text is one of an interrupt's words.
func (w *Words) means(i Interrupt, said string) bool { return w.stops[i][said] }

// lookup is a text by its full key, "flow.state.option".
func (w *Words) lookup(lang, key string) (string, bool) {
	entry, ok := w.texts[lang][key]
	return entry.text, ok
}

// under keeps these words but for those that are wanted from the newest, and the
// words that interrupt.
func (w *Words) under(newest *Words, wants func(flow, key string, had bool) bool) *Words {
	merged := &Words{texts: map[string]map[string]word{}, stops: newest.stops}
	for lang, texts := range w.texts {
		merged.texts[lang] = maps.Clone(texts)
	}
	for lang, texts := range newest.texts {
		if merged.texts[lang] == nil {
			merged.texts[lang] = map[string]word{}
		}
		for key, entry := range texts {
			flow, _, _ := strings.Cut(key, ".")
			if _, had := merged.texts[lang][key]; wants(flow, key, had) {
				merged.texts[lang][key] = entry
			}
		}
	}
	return merged
}

// Languages are the folders that hold words, live or not, sorted.
func (w *Words) Languages() []string { return slices.Sorted(maps.Keys(w.texts)) }

// fold is how typed words are compared: lower case, apostrophes and punctuation
// dropped, runs of space made one.
func fold(s string) string {
	var out strings.Builder
	space := false
	for _, r := range s {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
			if space && out.Len() > 0 {
				out.WriteByte(' ')
			}
			space = false
			out.WriteRune(unicode.ToLower(r))
		case unicode.IsSpace(r), r == '-', r == '/', r == '_', r == ',':
			space = true
		}
	}
	return out.String()
}

// placeholders lists the names in braces of a text, in order. A brace without a
// partner is reported as the name "{".
func placeholders(text string) []string {
	var names []string
	for {
		_, rest, found := strings.Cut(text, "{")
		if !found {
			return names
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			return append(names, "{")
		}
		names = append(names, name)
		text = after
	}
}

// fill puts values in place of {name}; an unknown name stays empty, so that a
// person never reads braces.
func fill(text string, value func(name string) string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			return out.String()
		}
		out.WriteString(value(name))
		text = after
	}
}

// Texts are the texts of a key in the default language, each as its parts
// between placeholders (the first is empty when one begins it); a key without its
// flow stands for that of every flow.
func (b *Bundle) Texts(key string) [][]string {
	var out [][]string
	for full, entry := range b.Words.texts[b.bot.live[0]] {
		if full != key && !strings.HasSuffix(full, "."+key) {
			continue
		}
		var parts []string
		rest := entry.text
		for rest != "" {
			before, after, found := strings.Cut(rest, "{")
			if before != "" || len(parts) == 0 {
				parts = append(parts, before)
			}
			if !found {
				break
			}
			_, rest, _ = strings.Cut(after, "}")
		}
		out = append(out, parts)
	}
	return out
}

// CardKeys are the keys of the first words of every crisis card.
func (b *Bundle) CardKeys() []string {
	var out []string
	for id := range b.cards {
		out = append(out, cardsFile+"."+id)
	}
	slices.Sort(out)
	return out
}
