package store

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// ErrSealed is what opening something with the wrong key, or after a change,
// comes to.
var ErrSealed = errors.New("sealed with another key, or changed")

// Keys are the master keys of a hub. They live in a file of their own, which
// Redis and its backups never see.
type Keys struct {
	seal   tink.AEAD // wraps data keys
	names  *prf.Set  // names people and addresses
	public keyFile
}

// keyFile is the JSON form: two Tink keysets in clear text.
type keyFile struct {
	Format int             `json:"format"`
	Seal   json.RawMessage `json:"seal"`
	Names  json.RawMessage `json:"names"`
}

// NewKeys draws fresh master keys: AES-256-GCM to seal, HMAC-SHA-256 to name.
func NewKeys() (*Keys, error) {
	seal, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("draw the sealing key: %w", err)
	}
	names, err := keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("draw the naming key: %w", err)
	}
	file := keyFile{Format: 1}
	if file.Seal, err = clear(seal); err != nil {
		return nil, err
	}
	if file.Names, err = clear(names); err != nil {
		return nil, err
	}
	return file.keys()
}

// clear is a keyset as JSON.
func clear(h *keyset.Handle) (json.RawMessage, error) {
	var out bytes.Buffer
	if err := insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(&out)); err != nil {
		return nil, fmt.Errorf("write a keyset: %w", err)
	}
	return out.Bytes(), nil
}

// ReadKeys reads a key file.
func ReadKeys(from io.Reader) (*Keys, error) {
	var file keyFile
	if err := json.NewDecoder(io.LimitReader(from, 1<<20)).Decode(&file); err != nil {
		return nil, errors.New("the key file is not the JSON that `frontdoor keys init` writes")
	}
	if file.Format != 1 {
		return nil, fmt.Errorf("the key file has format %d; this program reads 1", file.Format)
	}
	return file.keys()
}

// Write puts the keys in the form that ReadKeys takes.
func (k *Keys) Write(to io.Writer) error {
	enc := json.NewEncoder(to)
	enc.SetIndent("", "  ")
	if err := enc.Encode(k.public); err != nil {
		return fmt.Errorf("write the key file: %w", err)
	}
	return nil
}

// keys makes the primitives of a key file.
func (f keyFile) keys() (*Keys, error) {
	k := &Keys{public: f}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(f.Seal)))
	if err != nil {
		return nil, fmt.Errorf("read the sealing key: %w", err)
	}
	if k.seal, err = aead.New(handle); err != nil {
		return nil, fmt.Errorf("use the sealing key: %w", err)
	}
	handle, err = insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(f.Names)))
	if err != nil {
		return nil, fmt.Errorf("read the naming key: %w", err)
	}
	if k.names, err = prf.NewPRFSet(handle); err != nil {
		return nil, fmt.Errorf("use the naming key: %w", err)
	}
	return k, nil
}

// Derive is a secret for a purpose, the same for every process with the same key
// file; 32 hex digits.
func (k *Keys) Derive(purpose ...string) (string, error) {
	mac, err := k.names.ComputePrimaryPRF([]byte(strings.Join(purpose, "\x00")), 16)
	if err != nil {
		return "", fmt.Errorf("derive a name: %w", err)
	}
	return hex.EncodeToString(mac), nil
}

// dataKey seals what belongs to one person.
type dataKey struct {
	wrapped []byte
	aead    tink.AEAD
}

// newDataKey draws a data key for a person.
func (k *Keys) newDataKey(p Person) (*dataKey, error) {
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return nil, fmt.Errorf("draw a data key: %w", err)
	}
	wrapped, err := k.seal.Encrypt(raw, associated("key", p))
	if err != nil {
		return nil, fmt.Errorf("wrap a data key: %w", err)
	}
	return useDataKey(raw, wrapped)
}

// openDataKey unwraps a person's data key.
func (k *Keys) openDataKey(p Person, wrapped []byte) (*dataKey, error) {
	raw, err := k.seal.Decrypt(wrapped, associated("key", p))
	if err != nil {
		return nil, fmt.Errorf("unwrap the data key of p_%s: %w", p.Short(), ErrSealed)
	}
	return useDataKey(raw, wrapped)
}

// useDataKey makes the primitive of a data key.
func useDataKey(raw, wrapped []byte) (*dataKey, error) {
	a, err := subtle.NewAESGCM(raw)
	if err != nil {
		return nil, fmt.Errorf("use a data key: %w", err)
	}
	return &dataKey{wrapped: wrapped, aead: a}, nil
}

// Kinds of sealed values; part of what each is bound to.
const (
	kindConversation = "conversation"
	kindReferral     = "referral"
	kindClosed       = "closed referral"
	kindSaid         = "said"
	kindOutgoing     = "outgoing"
	kindPage         = "page"
	kindPoison       = "poison"
	kindAlias        = "alias"
	kindTicket       = "ticket"
)

// sealVersion is the version of what is sealed and how; it is part of the
// associated data.
const sealVersion = "2"

// associated binds a sealed value to its place: moved to another person, used as
// another kind of value, or put where another reference or revision stands, it does
// not open.
func associated(kind string, p Person, of ...string) []byte {
	return []byte(strings.Join(append([]string{kind, string(p), sealVersion}, of...), "\x00"))
}

// seal encrypts a value of one kind of one person; of says which of them, where
// there are several: its reference, its revision.
func (d *dataKey) seal(kind string, p Person, plain []byte, of ...string) ([]byte, error) {
	out, err := d.aead.Encrypt(plain, associated(kind, p, of...))
	if err != nil {
		return nil, fmt.Errorf("seal a %s of p_%s: %w", kind, p.Short(), err)
	}
	return out, nil
}

// open decrypts a value that was sealed with the same kind, person and of.
func (d *dataKey) open(kind string, p Person, sealed []byte, of ...string) ([]byte, error) {
	out, err := d.aead.Decrypt(sealed, associated(kind, p, of...))
	if err != nil {
		return nil, fmt.Errorf("open a %s of p_%s: %w", kind, p.Short(), ErrSealed)
	}
	return out, nil
}
