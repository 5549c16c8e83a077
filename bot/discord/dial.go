package discord

import (
	"context"
	"crypto/tls"
	"net"
)

// dialTLS opens an encrypted connection with the defaults of Go's TLS, for the
// host of the address.
func dialTLS(ctx context.Context, network, address string) (net.Conn, error) {
	return (&tls.Dialer{Config: &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}}).DialContext(ctx, network, address)
}
