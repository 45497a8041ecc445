package httpapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"

	"github.com/google/uuid"

	"byoc/shared/cloud"
)

// maxBody is the longest body of a request, in bytes.
const maxBody = 256 << 10

// call is one request, from the time it is routed.
type call struct {
	*http.Request
	// id of the request, in every answer and every line of the log.
	id string
	// path is the route's, with the names of its values.
	path      string
	principal cloud.Principal
	// organizationID is what the principal was authorized for.
	organizationID string
	// cloudID is set where the path names a cloud.
	cloudID string
	// organization is set where the route needs the BYOC feature.
	organization cloud.Organization
	body         []byte
	// once is set where the request carries an Idempotency-Key.
	once *cloud.Once
}

// readBody reads the body of a request that may have one.
func (c *call) readBody() error {
	if c.Method == http.MethodGet || c.Body == nil {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(c.Body, maxBody+1))
	if err != nil {
		return cloud.Wrap(err, cloud.Invalid, "The body could not be read to its end.")
	}
	if len(body) > maxBody {
		return &httpError{http.StatusRequestEntityTooLarge, "too_large", fmt.Sprintf("The body is longer than %d KiB.", maxBody>>10), nil}
	}
	if c.body = bytes.TrimSpace(body); len(c.body) == 0 || c.Method == http.MethodDelete {
		return nil
	}
	media, params, err := mime.ParseMediaType(c.Header.Get("Content-Type"))
	if charset := params["charset"]; err != nil || media != "application/json" || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return &httpError{http.StatusUnsupportedMediaType, "unsupported_media_type", "Send JSON in UTF-8, with Content-Type: application/json.", nil}
	}
	return nil
}

// readCloudID reads the id in the path, where it has one. What is no id of a
// cloud is unknown without asking the table.
func (c *call) readCloudID() error {
	if !strings.Contains(c.path, "{"+cloudParam+"}") {
		return nil
	}
	c.cloudID = c.PathValue(cloudParam)
	if id, err := uuid.Parse(c.cloudID); err != nil || id.String() != c.cloudID {
		return cloud.Errorf(cloud.NotFound, "There is no such custom cloud.")
	}
	return nil
}

var (
	beforeOrganization, _, _ = strings.Cut(cloudPath, "{"+organizationParam+"}")
	beforeCloud              = strings.TrimSuffix(strings.TrimPrefix(cloudPath, organizationPath), "{"+cloudParam+"}")
)

// cloudURL is the path of a cloud.
func cloudURL(organizationID, id string) string {
	return beforeOrganization + organizationID + beforeCloud + id
}

// answer to a request: JSON, or a file.
type answer struct {
	status int
	body   any
	// contentType of body; application/json where it is empty.
	contentType string
	// text is a body that is encoded already.
	text   string
	file   *file
	header http.Header
}

// file is a text to be saved under a name.
type file struct {
	name string
	text string
}

func (a answer) with(name, value string) answer {
	if a.header == nil {
		a.header = http.Header{}
	}
	a.header.Set(name, value)
	return a
}

// render makes the body of an answer.
func (a answer) render() (string, error) {
	if a.file != nil {
		return a.file.text, nil
	}
	if a.text != "" {
		return a.text, nil
	}
	return encode(a.body)
}

func (a answer) write(w http.ResponseWriter, requestID, body string) {
	h := w.Header()
	for name, values := range a.header {
		h[name] = values
	}
	h.Set("X-Request-Id", requestID)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	switch {
	case a.file != nil:
		h.Set("Content-Type", "text/plain; charset=utf-8")
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": a.file.name}))
	case a.contentType != "":
		h.Set("Content-Type", a.contentType)
	default:
		h.Set("Content-Type", "application/json")
	}
	w.WriteHeader(a.status)
	// A client that is gone needs no answer.
	_, _ = io.WriteString(w, body)
}

// encode ends the text with a line.
func encode(v any) (string, error) {
	return written(func(b []byte) (_ []byte, err error) {
		if own, ok := v.(appender); ok {
			return append(own.appendTo(b), '\n'), nil
		}
		return appendJSON(b, v)
	})
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// written is the text that write appends, to a buffer that grew with the answers
// before.
func written(write func([]byte) ([]byte, error)) (string, error) {
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	b, err := write((*buffer)[:0])
	if err != nil {
		return "", err
	}
	*buffer = b
	return string(b), nil
}

// etag of a version of a resource.
func etag(version int) string { return fmt.Sprintf(`"%d"`, version) }

// ifMatch is the precondition that the request puts on the version; 0 is what
// is not there, which no tag matches.
func (c *call) ifMatch(version int) error {
	values := c.Header.Values("If-Match")
	if len(values) == 0 {
		return nil
	}
	if version == 0 {
		return cloud.Errorf(cloud.PreconditionFailed, "It is not there, so that nothing of it can match. Send it without If-Match to create it.")
	}
	for _, tag := range strings.Split(strings.Join(values, ","), ",") {
		if tag = strings.TrimSpace(tag); tag == "*" || tag == etag(version) {
			return nil
		}
	}
	return cloud.Errorf(cloud.PreconditionFailed, "It was changed since you read it: its ETag is now %s. Read it again, then decide whether your change still applies.", etag(version))
}

func (c *call) cloudMatch(x cloud.Cloud) error { return c.ifMatch(x.Version) }

// httpError is an error of the protocol, which the domain knows nothing of.
type httpError struct {
	status  int
	code    string
	message string
	allow   []string
}

func (e *httpError) Error() string { return e.code + ": " + e.message }

func asHTTP(err error) (*httpError, bool) {
	var e *httpError
	ok := errors.As(err, &e)
	return e, ok
}
