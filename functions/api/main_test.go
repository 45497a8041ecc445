package main

import (
	"os/exec"
	"strings"
	"testing"
)

// EC2's client is the largest of the SDK; linked, it doubles the binary and the
// time that a cold start takes.
func TestTheAPIDoesNotLinkEC2(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, dep := range strings.Fields(string(out)) {
		switch dep {
		case "github.com/aws/aws-sdk-go-v2/service/ec2", "github.com/aws/aws-sdk-go-v2/config":
			t.Errorf("%s is linked", dep)
		}
	}
}
