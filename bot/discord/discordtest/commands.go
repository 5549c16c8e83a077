package discordtest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Command is a slash command as it was registered.
type Command struct {
	Name          string            `json:"name"`
	Description   string            `json:"description"`
	Localizations map[string]string `json:"description_localizations"`
	Options       []struct {
		Name        string `json:"name"`
		Description string `json:"description"`
	} `json:"options"`
	// Contexts are where it is offered: 0 in a server, 1 in private.
	Contexts []int `json:"contexts"`
}

// Commands are those that were registered last.
func (s *Server) Commands() []Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.commands
}

// locales are Discord's names of languages.
const locales = "id da de en-GB en-US es-ES es-419 fr hr it lt hu nl no pl pt-BR ro fi sv-SE vi tr cs el bg ru uk hi th zh-CN ja zh-TW ko"

// commandName is what a command, and an option, may be called.
var commandName = regexp.MustCompile(`^[-_\p{Ll}\p{N}]{1,32}$`)

// register keeps the commands.
func (s *Server) register(body []byte) any {
	var list []Command
	if err := json.Unmarshal(body, &list); err != nil {
		return invalid("not a list")
	}
	for _, c := range list {
		if problem := checkCommand(c); problem != "" {
			return invalid(problem)
		}
	}
	s.commands = list
	return list
}

// checkCommand says what is wrong with a command.
func checkCommand(c Command) string {
	texts := []string{c.Description}
	for locale, text := range c.Localizations {
		if !slices.Contains(strings.Fields(locales), locale) {
			return "locale " + locale
		}
		texts = append(texts, text)
	}
	for _, o := range c.Options {
		texts = append(texts, o.Description)
		if !commandName.MatchString(o.Name) {
			return "option " + o.Name
		}
	}
	for _, text := range texts {
		if n := utf8.RuneCountInString(text); n == 0 || n > 100 {
			return fmt.Sprintf("description %q", text)
		}
	}
	if !commandName.MatchString(c.Name) {
		return "name " + c.Name
	}
	return ""
}
