package endtoend

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"byoc/infra/sandbox"
)

// The first operator token, as `make operator-token` makes it with the
// deployer's credentials.
func TestTheFirstOperatorToken(t *testing.T) {
	w := newWorld(t)
	command := func(stdin string, args ...string) (string, error) {
		cmd := exec.CommandContext(w.ctx, "go", append([]string{"run", "../operatortoken"}, args...)...)
		cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+system.URL(), "AWS_REGION="+sandbox.Region,
			"AWS_ACCESS_KEY_ID="+sandbox.Account, "AWS_SECRET_ACCESS_KEY=local")
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
	byoc := "/v1/organization/" + system.Seed.Organization.ID + "/byoc"
	if a, err := w.api.With(token).Call(w.ctx, "PUT", byoc, map[string]any{"enabled": true}); err != nil || a.Status != 200 {
		t.Errorf("%v %s", err, a.Body)
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
