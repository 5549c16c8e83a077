//go:build unix

package storetest

import "syscall"

// Freeze stops the server in the middle of whatever it does: it takes connections
// and never answers, as one behind a network that swallows everything.
func (s *Server) Freeze() { s.signal(syscall.SIGSTOP) }

// Thaw lets it go on.
func (s *Server) Thaw() { s.signal(syscall.SIGCONT) }

// signal sends a signal to the server's process.
func (s *Server) signal(what syscall.Signal) {
	s.t.Helper()
	if err := s.process.Process.Signal(what); err != nil {
		s.t.Fatal(err)
	}
}
