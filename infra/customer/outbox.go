package customer

import (
	"context"
	"fmt"
	"mime"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// Mail is what lies in the outbox.
type Mail struct {
	File    string
	To      string
	Subject string
	CloudID string
}

var cloudID = regexp.MustCompile(`(?m)^Id: ([0-9a-f-]{36})`)

// Mails in the outbox about a cloud, or about any where id is empty.
func (c *Customer) Mails(id string) ([]Mail, error) {
	files, err := filepath.Glob(filepath.Join(c.Run.Outbox, "*.eml"))
	if err != nil {
		return nil, err
	}
	var found []Mail
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		text, err := os.ReadFile(strings.TrimSuffix(file, ".eml") + ".txt")
		about := cloudID.FindSubmatch(text)
		if err != nil || about == nil || id != "" && string(about[1]) != id {
			continue
		}
		message, err := mail.ReadMessage(strings.NewReader(string(data)))
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", file, err)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject"))
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", file, err)
		}
		found = append(found, Mail{File: file, To: message.Header.Get("To"), Subject: subject, CloudID: string(about[1])})
	}
	return found, nil
}

// WaitForMails polls until each of the cloud's contacts has been mailed a subject
// that contains about, and answers that subject. It fails where one was mailed the
// same twice, and after two minutes.
func (c *Customer) WaitForMails(ctx context.Context, cloud Cloud, about string) (subject string, err error) {
	if len(cloud.Contacts) == 0 {
		return "", fmt.Errorf("custom cloud %s has no contacts", cloud.ID)
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for {
		mails, err := c.Mails(cloud.ID)
		if err != nil {
			return "", err
		}
		told, seen := map[string]bool{}, map[Mail]bool{}
		for _, m := range mails {
			if !strings.Contains(m.Subject, about) {
				continue
			}
			subject, told[m.To] = m.Subject, true
			if m.File = ""; seen[m] {
				return "", fmt.Errorf("%s was mailed %q twice about custom cloud %s", m.To, m.Subject, cloud.ID)
			}
			seen[m] = true
		}
		var missing []string
		for _, contact := range cloud.Contacts {
			if !told[contact.Email] {
				missing = append(missing, contact.Email)
			}
		}
		if len(missing) == 0 {
			return subject, nil
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("no mail %q about custom cloud %s to %s: %w", about, cloud.ID, strings.Join(missing, ", "), ctx.Err())
		case <-time.After(200 * time.Millisecond):
		}
	}
}
