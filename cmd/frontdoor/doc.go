// Command frontdoor is the front door to youth social prescribing: the chat, the
// link workers' queue and the tools for those who write the scripts.
//
// Each command is a file of its own; settings.go is the one place that reads the
// environment.
package main
