// Package webchat is the chat on a web page: phone first, rendered on the server,
// usable with a keyboard, with a screen reader and without any script, and live
// over server-sent events where there is one.
//
// The conversation lives in a session cookie that ends with the browser. The page
// keeps our own messages, sealed, so that a reload can show them; what the person
// typed is on their screen only. "Leave quickly" on every screen drops the cookie
// and puts a neutral page in place of this one.
//
// [New] makes the platform; [Web.Handler] is what a web server serves.
package webchat
