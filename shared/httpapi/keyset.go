package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"

	"byoc/shared/cloud"
)

const (
	// keysFresh is how long a key that the issuer withdrew may still be believed.
	keysFresh = 10 * time.Minute
	// keysPause is the least time between two fetches: a token that names an
	// unknown key makes us look for a new one, but not as often as someone likes.
	keysPause = 30 * time.Second
	// maxKeys is the longest document of an issuer that is read, in bytes.
	maxKeys = 1 << 20
)

var errSignature = errors.New("the signature is not that of a known key")

// keySet is the issuer's keys, found by its discovery document.
type keySet struct {
	issuer string
	client *http.Client
	now    func() time.Time

	// mu is held while keys are fetched: an instance of the function handles one
	// request at a time, and whoever came meanwhile would need the keys as well.
	mu      sync.Mutex
	keys    []jose.JSONWebKey
	fetched time.Time
	tried   time.Time
	failure error
}

// VerifySignature answers the payload of a JWT that one of the keys has signed.
func (k *keySet) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	algorithms := make([]jose.SignatureAlgorithm, len(signatures))
	for i, s := range signatures {
		algorithms[i] = jose.SignatureAlgorithm(s)
	}
	signed, err := jose.ParseSigned(jwt, algorithms)
	if err != nil || len(signed.Signatures) != 1 {
		return nil, errSignature
	}
	header := signed.Signatures[0].Header
	for _, again := range []bool{false, true} {
		keys, err := k.current(ctx, again)
		if err != nil {
			return nil, err
		}
		for _, key := range keys {
			if key.KeyID != header.KeyID || key.Use != "" && key.Use != "sig" || key.Algorithm != "" && key.Algorithm != header.Algorithm || !key.IsPublic() {
				continue
			}
			if payload, err := signed.Verify(key); err == nil {
				return payload, nil
			}
		}
	}
	return nil, errSignature
}

// current keys: those that are known while they are fresh. again fetches them
// sooner, because a token names one that is not among them.
func (k *keySet) current(ctx context.Context, again bool) ([]jose.JSONWebKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	fresh := !k.fetched.IsZero() && now.Before(k.fetched.Add(keysFresh))
	if fresh && !again || !k.tried.IsZero() && now.Before(k.tried.Add(keysPause)) {
		if fresh {
			return k.keys, nil
		}
		return nil, k.failure
	}
	k.tried = now
	keys, err := k.fetch(ctx)
	if err != nil {
		k.failure = cloud.Wrap(err, cloud.Unavailable, "The issuer of the token cannot be asked for its keys now. Try again in a minute.")
		if fresh {
			return k.keys, nil
		}
		return nil, k.failure
	}
	k.keys, k.fetched, k.failure = keys, now, nil
	return keys, nil
}

// unavailable is why there are no keys now; nil where there are.
func (k *keySet) unavailable() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.failure == nil || !k.fetched.IsZero() && k.now().Before(k.fetched.Add(keysFresh)) {
		return nil
	}
	return k.failure
}

func (k *keySet) fetch(ctx context.Context) ([]jose.JSONWebKey, error) {
	var discovery struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	if err := k.get(ctx, strings.TrimSuffix(k.issuer, "/")+"/.well-known/openid-configuration", &discovery); err != nil {
		return nil, err
	}
	if discovery.Issuer != k.issuer {
		return nil, fmt.Errorf("the discovery document is of issuer %q", discovery.Issuer)
	}
	own, err := url.Parse(k.issuer)
	if err != nil {
		return nil, err
	}
	if at, err := url.Parse(discovery.Keys); err != nil || at.Host == "" || at.Scheme != "https" && at.Scheme != own.Scheme {
		return nil, fmt.Errorf("jwks_uri %q is no address to fetch keys from", discovery.Keys)
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := k.get(ctx, discovery.Keys, &set); err != nil {
		return nil, err
	}
	var keys []jose.JSONWebKey
	for _, raw := range set.Keys {
		// A kind of key that we do not know is none of ours.
		var key jose.JSONWebKey
		if json.Unmarshal(raw, &key) == nil && key.Valid() {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

func (k *keySet) get(ctx context.Context, address string, out any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	answer, err := k.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", address, answer.Status)
	}
	return json.NewDecoder(io.LimitReader(answer.Body, maxKeys)).Decode(out)
}
