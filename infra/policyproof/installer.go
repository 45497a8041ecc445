package policyproof

import (
	"fmt"
	"os"
	"strings"
)

// Installer is the policy that docs/security-team.md says whoever applies the
// template needs at least: in the form terraform or cloudformation, for one
// custom cloud's role in one account. root is the repository's folder.
func Installer(root, form, account, stem string) (string, error) {
	text, err := os.ReadFile(root + "/docs/security-team.md")
	if err != nil {
		return "", err
	}
	_, block, ok := strings.Cut(string(text), "```json "+form+"\n")
	policy, _, closed := strings.Cut(block, "```")
	if !ok || !closed {
		return "", fmt.Errorf("docs/security-team.md has no policy for %s", form)
	}
	return strings.NewReplacer("ACCOUNT", account, "STEM", stem).Replace(policy), nil
}
