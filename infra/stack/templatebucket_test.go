package stack

import (
	"os/exec"
	"strings"
	"testing"
)

// The API is told of the bucket where there is one, nothing else is, and no
// right goes with it.
func TestOnlyTheAPIIsToldOfTheTemplateBucket(t *testing.T) {
	for _, v := range []variant{{"sandbox", "arm64"}, {"production", "arm64"}} {
		for _, f := range synth(t, v).main.all("AWS::Lambda::Function") {
			got := flat(at(f.Properties, "Environment", "Variables", "TEMPLATE_BUCKET_URL"))
			want := "null"
			if v.environment == "production" && strings.HasPrefix(f.ID, "apiFunction") {
				want = "https://vendor-templates.s3.${AWS::Region}.${AWS::URLSuffix}"
			}
			if got != want {
				t.Errorf("%s %s: %q, want %q", v, f.ID, got, want)
			}
		}
		for _, p := range synth(t, v).main.all("AWS::IAM::Policy") {
			if strings.Contains(flat(p.Properties), "vendor-templates") {
				t.Errorf("%s: a right on the bucket", p.ID)
			}
		}
	}
}

// make deploy publishes the template before it deploys what links to it.
func TestDeployPublishesTheTemplate(t *testing.T) {
	dry := func(settings ...string) string {
		out, err := exec.Command("make", append([]string{"-C", "../..", "--no-print-directory", "-n", "deploy", "ENV=sandbox"}, settings...)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	if got := dry(); strings.Contains(got, "publishtemplate") || strings.Contains(got, "templateBucket=") {
		t.Errorf("without a bucket: %s", got)
	}
	got := dry("TEMPLATE_BUCKET=vendor-templates")
	published := strings.Index(got, "publishtemplate -bucket vendor-templates")
	deployed := strings.Index(got, "-c templateBucket=vendor-templates")
	if published < 0 || deployed < published {
		t.Errorf("with a bucket: %s", got)
	}
}
