package stack

import (
	"path/filepath"
	"testing"
)

// What production must not lose stays when its stack goes, and when CloudFormation
// makes it anew. A sender's address that is made anew has to be verified anew.
func TestDataIsKept(t *testing.T) {
	each(t, func(t *testing.T, v variant, a assembly) {
		production := v.environment == "production"
		policy := map[bool]string{true: "Retain", false: "Delete"}[production]
		for _, kind := range []string{"AWS::DynamoDB::Table", "AWS::Logs::LogGroup", "AWS::SES::EmailIdentity"} {
			resources := a.main.all(kind)
			if len(resources) == 0 {
				t.Errorf("no %s", kind)
			}
			for _, r := range resources {
				if r.DeletionPolicy != policy || r.UpdateReplacePolicy != policy {
					t.Errorf("%s: %s, %s", r.ID, r.DeletionPolicy, r.UpdateReplacePolicy)
				}
			}
		}
		for _, table := range a.main.all("AWS::DynamoDB::Table") {
			p := table.Properties
			if p["DeletionProtectionEnabled"] != production ||
				at(p, "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled") != production {
				t.Errorf("%s: %v, %v", table.ID, p["DeletionProtectionEnabled"], p["PointInTimeRecoverySpecification"])
			}
			if p["BillingMode"] != "PAY_PER_REQUEST" || at(p, "TimeToLiveSpecification", "AttributeName") != "expires_at" {
				t.Errorf("%s: %v, %v", table.ID, p["BillingMode"], p["TimeToLiveSpecification"])
			}
			if production && at(p, "SSESpecification", "SSEEnabled") != true {
				t.Errorf("%s is not encrypted with the key in our account", table.ID)
			}
		}
	})
}

// A dead letter keeps the age that it had: it is there for an operator only if its
// queue keeps it for longer than the one that it comes from.
func TestDeadLettersAreKeptTheLongest(t *testing.T) {
	each(t, func(t *testing.T, _ variant, a assembly) {
		compared := 0
		for _, q := range a.main.all("AWS::SQS::Queue") {
			dead, _ := at(q.Properties, "RedrivePolicy", "deadLetterTargetArn", "Fn::GetAtt", 0).(string)
			if dead == "" {
				continue
			}
			compared++
			kept, _ := q.Properties["MessageRetentionPeriod"].(float64)
			if longer, _ := a.main.Resources[dead].Properties["MessageRetentionPeriod"].(float64); kept == 0 || longer <= kept {
				t.Errorf("%s keeps its messages for %v s, %s for %v s", q.ID, kept, dead, longer)
			}
		}
		if compared == 0 {
			t.Error("no queue has dead letters")
		}
	})
}

// Nobody removes production's stacks by one command.
func TestProductionIsProtectedAgainstTermination(t *testing.T) {
	each(t, func(t *testing.T, v variant, a assembly) {
		var manifest struct {
			Artifacts map[string]struct {
				Properties struct{ TerminationProtection bool }
			}
		}
		readJSON(t, filepath.Join(a.dir, "manifest.json"), &manifest)
		for _, stack := range []string{MainStackName, AccessStackName} {
			artifact, ok := manifest.Artifacts[stack]
			if got := artifact.Properties.TerminationProtection; !ok || got != (v.environment == "production") {
				t.Errorf("%s: there %t, protected %t", stack, ok, got)
			}
		}
	})
}
