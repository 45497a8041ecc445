package local

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/mail"
	"net/textproto"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"byoc/infra/local/awscall"
)

// outbox keeps what is sent through SES where a developer can look at it.
type outbox struct {
	dir      string
	emulator awscall.Emulator
	log      *slog.Logger
	work     *workGroup

	mu      sync.Mutex
	seq     int
	failure *mailFailure
	// refused are failures of single recipients.
	refused map[string]mailFailure
	// published are the event types that a configuration set puts on the default bus.
	published map[place]map[string]map[string]bool
}

type mailFailure struct {
	status        int
	code, message string
}

func newOutbox(dir string, emulator awscall.Emulator, log *slog.Logger, work *workGroup) *outbox {
	return &outbox{dir: dir, emulator: emulator, log: log, work: work, refused: map[string]mailFailure{}, published: map[place]map[string]map[string]bool{}}
}

// FailMailTo makes SES refuse every mail to one recipient with that error, until
// it is called with an empty code.
func (s *Server) FailMailTo(recipient string, status int, code, message string) {
	s.outbox.mu.Lock()
	defer s.outbox.mu.Unlock()
	delete(s.outbox.refused, recipient)
	if code != "" {
		s.outbox.refused[recipient] = mailFailure{status, code, message}
	}
}

// FailMail makes SES refuse every mail with that error, until it is called
// with an empty code.
func (s *Server) FailMail(status int, code, message string) {
	s.outbox.mu.Lock()
	defer s.outbox.mu.Unlock()
	s.outbox.failure = nil
	if code != "" {
		s.outbox.failure = &mailFailure{status, code, message}
	}
}

type sendEmailRequest struct {
	FromEmailAddress     string
	ConfigurationSetName string
	EmailTags            []struct{ Name, Value string }
	ReplyToAddresses     []string
	Destination          struct{ ToAddresses, CcAddresses, BccAddresses []string }
	Content              struct {
		Raw    *struct{ Data string }
		Simple *struct {
			Subject struct{ Data string }
			Body    struct{ Text, Html *struct{ Data string } }
			Headers []struct{ Name, Value string }
		}
		Template json.RawMessage
	}
}

func (o *outbox) sendEmail(call *awscall.Call) *awscall.Response {
	o.mu.Lock()
	defer o.mu.Unlock()
	if f := o.failure; f != nil {
		return awscall.ErrorResponse(call, f.status, f.code, f.message)
	}
	var request sendEmailRequest
	if err := json.Unmarshal(call.Body, &request); err != nil {
		return awscall.ErrorResponse(call, http.StatusBadRequest, "BadRequestException", err.Error())
	}
	id := "0100" + strings.ReplaceAll(uuid.NewString(), "-", "")
	message, err := request.message(id)
	if err != nil {
		return awscall.ErrorResponse(call, http.StatusBadRequest, "BadRequestException", err.Error())
	}
	recipients := request.recipients()
	if len(recipients) == 0 {
		if parsed, err := parseMail(message); err == nil {
			recipients = parsed.To
		}
	}
	if len(recipients) == 0 {
		return awscall.ErrorResponse(call, http.StatusBadRequest, "BadRequestException", "no recipient")
	}
	for _, r := range recipients {
		if f, ok := o.refused[r]; ok {
			return awscall.ErrorResponse(call, f.status, f.code, f.message)
		}
	}
	if err := o.keep(message, recipients[0]); err != nil {
		return awscall.ErrorResponse(call, http.StatusInternalServerError, "InternalFailure", err.Error())
	}
	for _, r := range recipients {
		o.simulate(call, request, id, r)
	}
	return awscall.JSONResponse(call, http.StatusOK, map[string]string{"MessageId": id})
}

func (r sendEmailRequest) recipients() []string {
	all := append([]string{}, r.Destination.ToAddresses...)
	all = append(all, r.Destination.CcAddresses...)
	return append(all, r.Destination.BccAddresses...)
}

// message is the mail as it would go over the wire.
func (r sendEmailRequest) message(id string) ([]byte, error) {
	switch {
	case r.Content.Raw != nil:
		return base64.StdEncoding.DecodeString(r.Content.Raw.Data)
	case r.Content.Simple == nil:
		return nil, fmt.Errorf("the local AWS sends only Simple and Raw content")
	case r.FromEmailAddress == "":
		return nil, fmt.Errorf("FromEmailAddress is missing")
	}
	simple := r.Content.Simple
	var out bytes.Buffer
	header := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&out, "%s: %s\r\n", name, value)
		}
	}
	header("Message-ID", "<"+id+"@localaws>")
	header("Date", time.Now().UTC().Format(time.RFC1123Z))
	header("From", r.FromEmailAddress)
	header("To", strings.Join(r.Destination.ToAddresses, ", "))
	header("Cc", strings.Join(r.Destination.CcAddresses, ", "))
	header("Reply-To", strings.Join(r.ReplyToAddresses, ", "))
	header("Subject", mime.QEncoding.Encode("utf-8", simple.Subject.Data))
	for _, h := range simple.Headers {
		header(h.Name, h.Value)
	}
	header("MIME-Version", "1.0")
	parts := multipart.NewWriter(&out)
	header("Content-Type", "multipart/alternative; boundary="+parts.Boundary())
	out.WriteString("\r\n")
	for _, part := range []struct {
		kind    string
		content *struct{ Data string }
	}{{"text/plain", simple.Body.Text}, {"text/html", simple.Body.Html}} {
		if part.content == nil {
			continue
		}
		writer, err := parts.CreatePart(textproto.MIMEHeader{
			"Content-Type":              {part.kind + "; charset=utf-8"},
			"Content-Transfer-Encoding": {"quoted-printable"},
		})
		if err != nil {
			return nil, err
		}
		encoder := quotedprintable.NewWriter(writer)
		if _, err := encoder.Write([]byte(part.content.Data)); err != nil {
			return nil, err
		}
		if err := encoder.Close(); err != nil {
			return nil, err
		}
	}
	if err := parts.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

var unsafeInFileName = regexp.MustCompile(`[^A-Za-z0-9@._+-]+`)

// keep writes the mail, and beside it a rendering that is easy to read.
func (o *outbox) keep(message []byte, recipient string) error {
	if address, err := mail.ParseAddress(recipient); err == nil {
		recipient = address.Address
	}
	o.seq++
	name := fmt.Sprintf("%s-%04d-%s", time.Now().UTC().Format("20060102T150405.000"), o.seq,
		unsafeInFileName.ReplaceAllString(recipient, "_"))
	path := filepath.Join(o.dir, name+".eml")
	if parsed, err := parseMail(message); err == nil {
		text := fmt.Sprintf("From: %s\nTo: %s\nSubject: %s\n\n%s\n", parsed.From, strings.Join(parsed.To, ", "), parsed.Subject, parsed.Text)
		if err := os.WriteFile(filepath.Join(o.dir, name+".txt"), []byte(text), 0o644); err != nil {
			return err
		}
	}
	// Whoever watches the folder must not see half a mail.
	if err := os.WriteFile(path+".part", message, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}
