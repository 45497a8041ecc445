package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"

	"byoc/shared/cloud"
)

// Answers keeps the answers to requests that carry an Idempotency-Key.
type Answers interface {
	// FindKept reads a request that was carried out less than cloud.KeepAnswers
	// ago; false where there is none.
	FindKept(ctx context.Context, id string) (cloud.Kept, bool, error)
	// Keep writes a request that wrote nothing itself. *cloud.Repeated where one
	// of its id is kept.
	Keep(ctx context.Context, k cloud.Kept) error
}

const (
	keyHeader = "Idempotency-Key"
	// replayedHeader marks an answer that was given before.
	replayedHeader = "Idempotency-Replayed"
	maxKey         = 255
)

// carryOut handles a request, a POST with an Idempotency-Key once only. The
// answer is kept in the transaction of what the request writes. A request that
// was refused wrote nothing and keeps nothing: it may be repeated.
func (s *server) carryOut(c *call, r route) (answer, error) {
	if c.Method != http.MethodPost || len(c.Header.Values(keyHeader)) == 0 {
		return r.handle(c)
	}
	key := c.Header.Get(keyHeader)
	if len(c.Header.Values(keyHeader)) > 1 || !validKey(key) {
		return answer{}, invalid([]cloud.Field{{Location: "header." + keyHeader, Message: "Send one key of 1 to 255 visible ASCII characters but commas, for example a UUID."}})
	}
	body := sha256.Sum256(c.body)
	c.once = &cloud.Once{ID: requestHash(c.principal.OrganizationID, c.principal.ID, c.URL.EscapedPath(), key), BodyHash: hex.EncodeToString(body[:])}
	kept, found, err := s.Answers.FindKept(c.Context(), c.once.ID)
	if err != nil {
		return answer{}, err
	}
	if found {
		return replay(kept, c.once)
	}
	a, err := r.handle(c)
	if err == nil && !c.once.Done {
		err = s.keep(c, a)
	}
	var repeated *cloud.Repeated
	if errors.As(err, &repeated) {
		return replay(repeated.Kept, c.once)
	}
	if err == nil {
		return a, nil
	}
	// Whoever came first may be why it was refused.
	if kept, found, lookup := s.Answers.FindKept(c.Context(), c.once.ID); lookup == nil && found {
		return replay(kept, c.once)
	}
	return a, err
}

// keep keeps an answer to a request that had nothing to write.
func (s *server) keep(c *call, a answer) error {
	kept, err := a.kept()
	if err != nil {
		return err
	}
	return s.Answers.Keep(c.Context(), cloud.Kept{ID: c.once.ID, BodyHash: c.once.BodyHash, At: s.Now().UTC(), Answer: kept})
}

// replay answers a repetition.
func replay(k cloud.Kept, o *cloud.Once) (answer, error) {
	if k.BodyHash != o.BodyHash {
		return answer{}, &httpError{http.StatusUnprocessableEntity, "idempotency_key_reused", "Another request was sent with this Idempotency-Key. Use a new key for another body.", nil}
	}
	if k.Answer.Status == 0 {
		return answer{}, cloud.Errorf(cloud.Conflict, "This request was carried out already. Its answer held a secret, which is not kept; if it is lost, revoke it and make a new one with another key.")
	}
	a := answer{status: k.Answer.Status, text: string(k.Answer.Body)}
	for name, value := range k.Answer.Header {
		a = a.with(name, value)
	}
	return a.with(replayedHeader, "true"), nil
}

// kept is the answer as it is kept.
func (a answer) kept() (cloud.Answer, error) {
	body, err := a.render()
	k := cloud.Answer{Status: a.status, Header: map[string]string{}, Body: []byte(body)}
	for name := range a.header {
		k.Header[name] = a.header.Get(name)
	}
	return k, err
}

// requestHash is made of parts that cannot run into each other.
func requestHash(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		sum := sha256.Sum256([]byte(p))
		h.Write(sum[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// validKey takes no comma: between two keys, the gateway puts one.
func validKey(key string) bool {
	return key != "" && len(key) <= maxKey && !strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' || r == ',' })
}

// renderCloud makes a cloud's writes keep what the request will be answered.
func (s *server) renderCloud(c *call, status int) context.Context {
	if c.once == nil {
		return c.Context()
	}
	c.once.Render = func(x cloud.Cloud) (cloud.Answer, error) { return s.cloudAnswer(c, status, x).kept() }
	return cloud.WithOnce(c.Context(), c.once)
}
