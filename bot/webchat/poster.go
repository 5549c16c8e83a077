package webchat

import (
	"fmt"
	"html/template"
	"image/color"
	"net/http"
	"regexp"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// sourceForm is the form of a deep link's code.
var sourceForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)

// poster is a page with a picture to scan that opens a chat of the scanner's own.
// The picture holds the source and nothing about a person.
func (w *Web) poster(rw http.ResponseWriter, r *http.Request) {
	source := r.PathValue("source")
	if !sourceForm.MatchString(source) {
		http.NotFound(rw, r)
		return
	}
	v := w.view(r, "")
	v.URL = w.c.Public + "/s/" + source
	picture, err := qrSVG(v.URL)
	if err != nil {
		w.c.Log.Error("draw a QR code", "error", err)
		http.Error(rw, "", http.StatusInternalServerError)
		return
	}
	v.QR = picture
	w.render(rw, http.StatusOK, "poster", v)
}

// quiet is the empty border that a scanner needs, in modules (ISO/IEC 18004).
const quiet = 4

// qrSVG draws a QR code as an SVG picture.
func qrSVG(text string) (template.HTML, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", fmt.Errorf("encode a QR code: %w", err)
	}
	size := code.Bounds().Dx()
	var path strings.Builder
	for y := range size {
		for x := range size {
			if code.At(x, y) == color.Black {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	side := size + 2*quiet
	svg := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-hidden="true">`+
		`<rect width="100%%" height="100%%" fill="#fff"/><path d="%s" fill="#000"/></svg>`, side, side, path.String())
	return template.HTML(svg), nil
}
