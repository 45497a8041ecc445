package httpapi

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// The commands by which the guide makes an organization and its administrator;
// the token that they end with opens the API.
func TestTheFirstOrganizationIsMadeAsTheGuideSays(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("NOT TESTED: curl is not on the PATH")
	}
	text, err := os.ReadFile("../../docs/first-deploy.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## 5. ")
	block := regexp.MustCompile("(?s)```sh\nAPI=…[^\n]*\n(.*?)```").FindStringSubmatch(section)
	if block == nil {
		t.Fatal("step 5 has no commands")
	}
	a := newAPI(t)
	server := httptest.NewServer(a.handler)
	defer server.Close()
	cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", block[1])
	cmd.Env = append(os.Environ(), "API="+server.URL+"/v1", "OPERATOR="+operator)
	var problems strings.Builder
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, problems.String())
	}
	// Four answers, one after the other; the last has the token.
	decoder, last := json.NewDecoder(strings.NewReader(string(out))), map[string]any{}
	answers := 0
	for ; decoder.More(); answers++ {
		last = map[string]any{}
		if err := decoder.Decode(&last); err != nil {
			t.Fatalf("%v in %s", err, out)
		}
	}
	made, _ := last["token"].(map[string]any)
	token, _ := made["token"].(string)
	if answers != 4 || token == "" {
		t.Fatalf("%d answers, the last %v", answers, last)
	}
	a.as(token, "GET", "/v1/organization/acme/custom-cloud-environments", "").wants(200)
}
