// Package statemachine holds the two state machines that work on a custom
// cloud, as texts of the Amazon States Language.
//
// An execution is named <cloud id>-<operation>-<attempt>; its input is
// {"organization_id", "cloud_id", "attempt"} and nothing else, so that starting
// it again is the same call. The tasks get these ids and "execution", the
// execution's name, and besides:
//
//   - validaterole: nothing. Its answer is dropped.
//   - network: "operation", one of ensure, rollback, delete. It answers
//     {"done": bool, "wait_seconds": n}: not done asks to be called again after
//     so many seconds, or after Intervals.WaitSeconds where n is zero.
//   - transition: "outcome", one of ready, failed, empty; with failed also
//     "failure", {"Error", "Cause"} of the task that failed. Cause is the JSON
//     text {"errorType", "errorMessage"} as Lambda reports it. Its answer is
//     dropped.
//
// Errors of the tasks are named by cloud.Code in CamelCase. Moved ends the run
// quietly wherever it comes up.
package statemachine

import (
	"embed"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

//go:embed *.asl.json
var texts embed.FS

// The state machines.
const (
	Provision   = "provision"
	Deprovision = "deprovision"
)

// Names of all state machines.
func Names() []string { return []string{Provision, Deprovision} }

// Functions are the ARNs of the functions behind the tasks.
type Functions struct {
	ValidateRole string
	Network      string
	Transition   string
}

// Substitutions of the texts by the functions' ARNs: what Template leaves open,
// by name.
func (f Functions) Substitutions() map[string]string {
	return map[string]string{
		"ValidateRoleArn": f.ValidateRole,
		"NetworkArn":      f.Network,
		"TransitionArn":   f.Transition,
	}
}

// Template is the text of a state machine with its intervals filled in. The
// functions' ARNs are left as ${ValidateRoleArn}, ${NetworkArn} and
// ${TransitionArn}, for CloudFormation's Fn::Sub.
func Template(name string, intervals Intervals) (string, error) {
	if err := intervals.Validate(); err != nil {
		return "", err
	}
	raw, err := texts.ReadFile(name + ".asl.json")
	if err != nil {
		return "", fmt.Errorf("no state machine is named %q", name)
	}
	text := string(raw)
	for _, f := range intervals.fields() {
		// The quotes go too: they are there to keep the file valid JSON.
		text = strings.ReplaceAll(text, `"${`+f.name+`}"`, strconv.Itoa(*f.value))
	}
	open := Functions{}.Substitutions()
	for _, found := range placeholder.FindAllStringSubmatch(text, -1) {
		if _, ok := open[found[1]]; !ok {
			return "", fmt.Errorf("%s.asl.json has the unknown substitution %s", name, found[0])
		}
	}
	return text, nil
}

var placeholder = regexp.MustCompile(`\$\{([^}]*)\}`)

// Definition is the complete text of a state machine.
func Definition(name string, intervals Intervals, functions Functions) (string, error) {
	text, err := Template(name, intervals)
	if err != nil {
		return "", err
	}
	for key, arn := range functions.Substitutions() {
		text = strings.ReplaceAll(text, "${"+key+"}", arn)
	}
	if !json.Valid([]byte(text)) {
		return "", fmt.Errorf("%s.asl.json is not valid JSON once its substitutions are filled in", name)
	}
	return text, nil
}
