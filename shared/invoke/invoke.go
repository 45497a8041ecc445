// Package invoke calls one of our functions and waits for its answer.
//
// It signs the one request by hand: Lambda's client, linked, adds its schemas'
// initialization to every cold start of the function that serves the API.
package invoke

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"byoc/shared/cloud"
	"byoc/shared/lambdaerror"
	"byoc/shared/preflight"
)

// maxAnswer is the longest answer that Lambda hands on.
const maxAnswer = 6 << 20

// Checks is the function that makes the checks.
type Checks struct {
	config   aws.Config
	function string
	client   *http.Client
}

// NewChecks takes the ARN of the function.
func NewChecks(config aws.Config, functionARN string) *Checks {
	transport := awshttp.NewBuildableClient().GetTransport()
	// Nothing comes before the function has ended.
	transport.ResponseHeaderTimeout = preflight.Wait
	return &Checks{config: config, function: functionARN, client: &http.Client{Transport: transport}}
}

// Preflight makes the checks. Unavailable where no answer came before ctx
// ended, or Lambda was throttled; else the code of the function's error. It
// asks once: there is no time for a second try.
func (c *Checks) Preflight(ctx context.Context, t preflight.Task) (preflight.Answer, error) {
	payload, err := json.Marshal(t)
	if err != nil {
		return preflight.Answer{}, cloud.Wrap(err, cloud.Internal, "encoding the task of the checks")
	}
	status, header, body, err := c.post(ctx, payload)
	switch {
	case err != nil:
		return preflight.Answer{}, cloud.Wrap(err, cloud.Unavailable, "The checks did not end in time. Try again in a minute.")
	case status == http.StatusTooManyRequests || status >= http.StatusInternalServerError:
		return preflight.Answer{}, cloud.Wrap(fmt.Errorf("status %d: %.500s", status, body), cloud.Unavailable, "The checks could not be started. Try again in a minute.")
	case status != http.StatusOK:
		return preflight.Answer{}, cloud.Wrap(fmt.Errorf("status %d: %.500s", status, body), cloud.Internal, "invoking %s", c.function)
	case header.Get("X-Amz-Function-Error") != "":
		return preflight.Answer{}, functionError(body)
	}
	var a preflight.Answer
	if err := json.Unmarshal(body, &a); err != nil {
		return preflight.Answer{}, cloud.Wrap(err, cloud.Internal, "decoding the answer of the checks")
	}
	return a, nil
}

func (c *Checks) post(ctx context.Context, payload []byte) (status int, header http.Header, body []byte, err error) {
	endpoint := "https://lambda." + c.config.Region + ".amazonaws.com"
	if c.config.BaseEndpoint != nil {
		endpoint = *c.config.BaseEndpoint
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint+"/2015-03-31/functions/"+url.PathEscape(c.function)+"/invocations", bytes.NewReader(payload))
	if err != nil {
		return 0, nil, nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	credentials, err := c.config.Credentials.Retrieve(ctx)
	if err != nil {
		return 0, nil, nil, err
	}
	sum := sha256.Sum256(payload)
	if err := v4.NewSigner().SignHTTP(ctx, credentials, r, hex.EncodeToString(sum[:]), "lambda", c.config.Region, time.Now()); err != nil {
		return 0, nil, nil, err
	}
	answer, err := c.client.Do(r)
	if err != nil {
		return 0, nil, nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err = io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	return answer.StatusCode, answer.Header, body, err
}

// functionError reads the error of a function of ours, as lambdaerror wrote it.
func functionError(body []byte) error {
	var e struct{ ErrorType, ErrorMessage string }
	if err := json.Unmarshal(body, &e); err != nil {
		return cloud.Wrap(err, cloud.Internal, "decoding the error of the checks")
	}
	cause := errors.New(e.ErrorType + ": " + e.ErrorMessage)
	switch e.ErrorType {
	case "Sandbox.Timedout":
		return cloud.Wrap(cause, cloud.Unavailable, "The checks did not end in time. Try again in a minute.")
	}
	for _, code := range cloud.Codes() {
		if code != cloud.Internal && lambdaerror.Name(code) == e.ErrorType {
			return cloud.Wrap(cause, code, "%s", e.ErrorMessage)
		}
	}
	return cloud.Wrap(cause, cloud.Internal, "the checks failed")
}
