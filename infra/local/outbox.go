package local

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// Mail is a mail that was sent through SES.
type Mail struct {
	// Path is the .eml file in the outbox.
	Path    string   `json:"path"`
	From    string   `json:"from"`
	To      []string `json:"to"`
	Subject string   `json:"subject"`
	Text    string   `json:"text"`
	HTML    string   `json:"html,omitempty"`
}

// Outbox are the mails in the outbox folder, oldest first.
func (s *Server) Outbox() ([]Mail, error) {
	paths, err := filepath.Glob(filepath.Join(s.OutboxDir(), "*.eml"))
	if err != nil {
		return nil, err
	}
	sort.Strings(paths)
	mails := []Mail{}
	for _, path := range paths {
		message, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		parsed, err := parseMail(message)
		if err != nil {
			return nil, err
		}
		parsed.Path = path
		mails = append(mails, parsed)
	}
	return mails, nil
}

func parseMail(message []byte) (Mail, error) {
	parsed, err := mail.ReadMessage(bytes.NewReader(message))
	if err != nil {
		return Mail{}, err
	}
	decoder := mime.WordDecoder{}
	subject, err := decoder.DecodeHeader(parsed.Header.Get("Subject"))
	if err != nil {
		subject = parsed.Header.Get("Subject")
	}
	result := Mail{From: parsed.Header.Get("From"), Subject: subject}
	for _, field := range []string{"To", "Cc", "Bcc"} {
		addresses, _ := parsed.Header.AddressList(field)
		for _, address := range addresses {
			result.To = append(result.To, address.Address)
		}
	}
	err = result.readPart(parsed.Header.Get("Content-Type"), parsed.Header.Get("Content-Transfer-Encoding"), parsed.Body)
	return result, err
}

func (m *Mail) readPart(contentType, encoding string, body io.Reader) error {
	kind, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") {
		reader := multipart.NewReader(body, parameters["boundary"])
		for {
			part, err := reader.NextRawPart()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			if err := m.readPart(part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part); err != nil {
				return err
			}
		}
	}
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	switch kind {
	case "text/plain":
		m.Text += string(content)
	case "text/html":
		m.HTML += string(content)
	}
	return nil
}
