package discord

import (
	"context"
	"net/http"

	dg "github.com/bwmarrin/discordgo"

	"github.com/star-house/frontdoor/flows"
)

// sourceOption is the option of the start command that holds a poster's code.
const sourceOption = "source"

// commands are those that are registered, in the order of the menu.
func commands() []string {
	return []string{"start", "help", "human", "back", "privacy", "mydata", "withdraw", "delete", "stop", "hide", "restart", "language"}
}

// locales are Discord's names of languages that we may have; others get the
// default.
func locales() map[string][]dg.Locale {
	return map[string][]dg.Locale{"en": {dg.EnglishGB, dg.EnglishUS}, "pl": {dg.Polish}}
}

// register registers the commands, all at once: doing it again changes nothing.
// They are a convenience: typed words work without them. It reports whether
// Discord took them.
func (d *Discord) register(ctx context.Context) bool {
	b := d.c.Library.Newest()
	list := make([]*dg.ApplicationCommand, 0, len(commands()))
	for _, name := range commands() {
		c := describeCommand(b, name)
		c.Name, c.Type = name, dg.ChatApplicationCommand
		c.Contexts = &[]dg.InteractionContextType{dg.InteractionContextGuild, dg.InteractionContextBotDM}
		c.IntegrationTypes = &[]dg.ApplicationIntegrationType{dg.ApplicationIntegrationGuildInstall, dg.ApplicationIntegrationUserInstall}
		if name == "start" {
			c.Options = []*dg.ApplicationCommandOption{{Type: dg.ApplicationCommandOptionString, Name: sourceOption,
				Description: b.PageText(b.Languages()[0], "commands.source"), MaxLength: 32}}
		}
		list = append(list, c)
	}
	address := dg.EndpointApplicationGlobalCommands(d.c.Application)
	_, err := d.request(ctx, call{http.MethodPut, address, address}, list)
	if err != nil {
		d.c.Log.Warn("discord does not take the commands", "error", describe(err))
	}
	return err == nil
}

// describeCommand is what a command does, in every live language.
func describeCommand(b *flows.Bundle, name string) *dg.ApplicationCommand {
	c := &dg.ApplicationCommand{Description: b.PageText(b.Languages()[0], "commands."+name)}
	others := map[dg.Locale]string{}
	for _, lang := range b.Languages()[1:] {
		for _, locale := range locales()[lang] {
			others[locale] = b.PageText(lang, "commands."+name)
		}
	}
	if len(others) > 0 {
		c.DescriptionLocalizations = &others
	}
	return c
}
