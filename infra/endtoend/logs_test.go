package endtoend

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"byoc/infra/sandbox"
	"byoc/shared/measure/measuretest"
)

// line of a function's log: the local AWS puts the time and the invocation in
// front of what the process wrote.
var line = regexp.MustCompile(`(?m)^\S+Z (\S*) (.*)$`)

// platform are the lines that Lambda writes, not the function, and the local AWS
// of an answer that is an error.
var platform = regexp.MustCompile(`^((START|END|REPORT) RequestId: |ERROR \{)`)

var address = regexp.MustCompile(`[\w.+-]+@[\w-]+(\.[\w-]+)*\.[A-Za-z]{2,}`)

// wrongLines is everything that the logs of the whole run have wrong: a line
// that is no JSON or lacks the ids of what it is about, a metric that CloudWatch
// would not read, and whatever no log may hold.
func wrongLines(ctx context.Context) []string {
	secrets, err := secrets(ctx)
	if err != nil {
		return []string{err.Error()}
	}
	functions, err := os.ReadDir("../../functions")
	if err != nil {
		return []string{err.Error()}
	}
	var wrong []string
	for _, function := range functions {
		name := function.Name()
		text, err := os.ReadFile(filepath.Join(system.Runfile().Logs, "byoc-"+name+"-sandbox.log"))
		if err != nil {
			wrong = append(wrong, err.Error())
			continue
		}
		written := 0
		for _, found := range line.FindAllStringSubmatch(string(text), -1) {
			if said := found[2]; !platform.MatchString(said) {
				written++
				if problem := wrongLine(name, said, secrets); problem != "" {
					wrong = append(wrong, name+": "+problem+": "+said)
				}
			}
		}
		if written == 0 {
			wrong = append(wrong, name+" wrote nothing: the check cannot fail")
		}
	}
	return wrong
}

// ids that every line of a function has; and those that it has where it is about
// a cloud.
var (
	always = map[string][]string{
		"api":          {"request_id", "invocation_id"},
		"network":      {"request_id", "organization", "cloud", "execution"},
		"notify":       {"request_id", "message"},
		"transition":   {"request_id", "organization", "cloud", "execution"},
		"validaterole": {"request_id", "organization", "cloud", "execution"},
		"watch":        {"request_id"},
	}
	aboutNoCloud = map[string]bool{
		"request": true, "due": true, "handling event": true, "too many custom clouds look broken at once: none is disconnected": true,
		"no time to look at every custom cloud that is due": true, "handler failed": true,
		"runtime": true, "panic": true, "reading what is due": true,
		// An event may be of a request, which is no cloud yet.
		"publishing event": true, "marking event published": true,
	}
)

func wrongLine(function, said string, secrets []string) string {
	var members map[string]any
	if err := json.Unmarshal([]byte(said), &members); err != nil {
		return err.Error()
	}
	ids := slices.Clone(always[function])
	message, _ := members["msg"].(string)
	if !aboutNoCloud[message] {
		ids = append(ids, "organization", "cloud")
	}
	if route, _ := members["route"].(string); strings.Contains(route, "{organization_id}") {
		ids = append(ids, "organization")
	}
	for _, id := range ids {
		if value, _ := members[id].(string); value == "" {
			return "no " + id
		}
	}
	if _, err := measuretest.Points(said); err != nil {
		return err.Error()
	}
	if found := address.FindString(said); found != "" {
		return "the address " + found
	}
	for _, secret := range secrets {
		if strings.Contains(said, secret) {
			return "the secret " + secret
		}
	}
	return ""
}

// secrets are the tokens of the run and the external IDs of all its clouds.
func secrets(ctx context.Context) ([]string, error) {
	r := system.Runfile()
	list := []string{r.Tokens.Admin, r.Tokens.Member, r.Tokens.Operator, r.Tokens.OtherAdmin}
	client := dynamodb.NewFromConfig(system.Emulator().Config(sandbox.Account, sandbox.Region))
	pages := dynamodb.NewScanPaginator(client, &dynamodb.ScanInput{TableName: aws.String(system.Outputs["TableName"])})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, item := range page.Items {
			if id, ok := item["external_id"].(*types.AttributeValueMemberS); ok {
				list = append(list, id.Value)
			}
		}
	}
	if len(list) < 10 || slices.Contains(list, "") {
		return nil, fmt.Errorf("%d secrets, one of them empty: the check cannot fail", len(list))
	}
	return list, nil
}
