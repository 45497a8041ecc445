package endtoend

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The first operator token, as `make operator-token` makes it with the
// deployer's credentials, which may do what docs/deployer-policy.json allows.
func TestTheFirstOperatorToken(t *testing.T) {
	w := newWorld(t)
	deployer := w.deployer()
	command := func(stdin string, args ...string) (string, error) {
		cmd := exec.CommandContext(w.ctx, "go", append([]string{"run", "../operatortoken"}, args...)...)
		cmd.Env = append(os.Environ(), deployer...)
		cmd.Stdin = strings.NewReader(stdin)
		var out, problems bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &problems
		if err := cmd.Run(); err != nil {
			return problems.String(), err
		}
		return strings.TrimSpace(out.String()), nil
	}
	token, err := command("", "-env", "sandbox", "-name", "first")
	if err != nil {
		t.Fatal(err, token)
	}
	// The guide's next steps with it: a member, and a token on condition that the
	// member is still the same.
	organization := "/v1/organization/" + system.Seed.Organization.ID
	for _, c := range []struct {
		method, path string
		body         map[string]any
		status       int
	}{
		{"PUT", "/byoc", map[string]any{"enabled": true}, 200},
		{"PUT", "/members/ann", map[string]any{"real_name": "Ann", "email": "ann@acme.example", "role": "admin"}, 200},
		{"POST", "/tokens", map[string]any{"member_id": "ann", "description": "first"}, 201},
	} {
		if a, err := w.api.With(token).Call(w.ctx, c.method, organization+c.path, c.body); err != nil || a.Status != c.status {
			t.Errorf("%s %s: %v %d %s", c.method, c.path, err, a.Status, a.Body)
		}
	}
	if said, err := command("", "-env", "production"); err == nil || !strings.Contains(said, "not production") {
		t.Errorf("a token for another environment: %v %s", err, said)
	}
	if said, err := command(token, "-env", "sandbox", "-revoke"); err != nil {
		t.Error(said, err)
	}
	if said, err := command("nonsense", "-env", "sandbox", "-revoke"); err == nil {
		t.Errorf("revoked what is no token: %s", said)
	}
}
