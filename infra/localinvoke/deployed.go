package localinvoke

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	"byoc/infra/runfile"
)

// Deployed is the environment of a function as it is deployed into a running
// local AWS, with credentials of its role.
func Deployed(ctx context.Context, awsURL, physicalName string) (Environment, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet,
		awsURL+"/_local/functions/environment?name="+url.QueryEscape(physicalName), nil)
	if err != nil {
		return Environment{}, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return Environment{}, fmt.Errorf("the local AWS of %s does not answer: %w", runfile.Dir(), err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return Environment{}, err
	}
	if response.StatusCode != http.StatusOK {
		return Environment{}, fmt.Errorf("the local AWS has no environment of %s: %s", physicalName, strings.TrimSpace(string(body)))
	}
	var e Environment
	return e, json.Unmarshal(body, &e)
}

// FromFile reads an environment in the format of `sam local invoke --env-vars`:
// the variables are those of "Parameters".
func FromFile(file string) ([]string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var content struct{ Parameters map[string]string }
	if err := json.Unmarshal(data, &content); err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	var list []string
	for name, value := range content.Parameters {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list, nil
}

// Fill puts the ids and tokens of a run where an event has ${ORGANIZATION},
// ${TOKEN} (an administrator's) or ${OPERATOR_TOKEN}. Without a run, r is nil:
// an event that needs one is an error.
func Fill(event []byte, r *runfile.Run) ([]byte, error) {
	var missing []string
	filled := placeholder.ReplaceAllStringFunc(string(event), func(text string) string {
		if r != nil {
			switch text {
			case "${ORGANIZATION}":
				return r.Organization.ID
			case "${TOKEN}":
				return r.Tokens.Admin
			case "${OPERATOR_TOKEN}":
				return r.Tokens.Operator
			}
		}
		missing = append(missing, text)
		return ""
	})
	if len(missing) > 0 {
		return nil, fmt.Errorf("the event has %s: that takes a system under `make run`", strings.Join(missing, ", "))
	}
	return []byte(filled), nil
}

var placeholder = regexp.MustCompile(`\$\{[A-Z_]+\}`)
