package denial

import (
	"strings"
	"testing"
)

const (
	role = "cce-0b6a6a2c5a3f4f8e9f0b1d2c3b4a5968-iam-role"
	user = "You are not authorized to perform this operation. User: arn:aws:sts::222222222222:assumed-role/" + role +
		"/run is not authorized to perform: ec2:CreateSubnet on resource: arn:aws:ec2:eu-west-1:222222222222:vpc/vpc-1 "
	blob = " Encoded authorization failure message: Zm9vYmFy\nbaz"
)

func TestEveryKindOfDenialNamesThePolicyAndItsCure(t *testing.T) {
	const statement = `"Action":"ec2:CreateSubnet"`
	for name, test := range map[string]struct{ message, says, cure string }{
		"no policy of the role": {user + "because no identity-based policy allows the ec2:CreateSubnet action.", "no policy of the role allows it", statement},
		"a Deny of the role":    {user + "with an explicit deny in an identity-based policy", "a policy of the role denies it", "Take the Deny of ec2:CreateSubnet out of the role's policies"},
		"boundary, silent":      {user + "because no permissions boundary allows the ec2:CreateSubnet action", "permissions boundary does not allow it", "in the permissions boundary. Add: ["},
		"boundary, Deny":        {user + "with an explicit deny in a permissions boundary.", "permissions boundary denies it explicitly", "out of the permissions boundary"},
		"SCP, silent":           {user + "because no service control policy allows the ec2:CreateSubnet action", "no service control policy of your AWS organization allows it", "who administers your AWS organization to allow"},
		"SCP, Deny": {user + "with an explicit deny in a service control policy: arn:aws:organizations::999999999999:policy/o-1/service_control_policy/p-1",
			"a service control policy of your AWS organization (arn:aws:organizations::999999999999:policy/o-1/service_control_policy/p-1) denies it explicitly",
			`"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/` + role + `"}`},
		"RCP":     {user + "with an explicit deny in a resource control policy", "a resource control policy of your AWS organization denies", "ArnNotLike"},
		"session": {user + "because no session policy allows the ec2:CreateSubnet action", "no session policy allows it", "Allow ec2:CreateSubnet in that policy. Add: ["},
		"silence": {user, "AWS does not say whether", "look for ec2:CreateSubnet"},
	} {
		for _, message := range []string{test.message, test.message + blob} {
			d := Read("ec2:CreateSubnet", message)
			whole := d.Message() + " " + d.Cure()
			if !strings.Contains(d.Message(), test.says) || !strings.Contains(d.Message(), role) || !strings.Contains(d.Message(), "ec2:CreateSubnet") {
				t.Errorf("%s: %s", name, d.Message())
			}
			if !strings.Contains(d.Cure(), test.cure) {
				t.Errorf("%s: %s", name, d.Cure())
			}
			if strings.Contains(whole, "Zm9v") || strings.Contains(whole, "ncoded") || strings.Contains(whole, "${") {
				t.Errorf("%s: %s", name, whole)
			}
		}
	}
}

// A message in which AWS says nothing but no is no reason to guess.
func TestWithoutRoleAndRegionNoStatementIsMadeUp(t *testing.T) {
	d := Read("ec2:CreateVpc", "You are not authorized to perform this operation."+blob)
	if d.By != Unknown || d.Role != "" || strings.Contains(d.Cure(), "{") || strings.Contains(d.Message(), "  ") {
		t.Errorf("%+v %s %s", d, d.Message(), d.Cure())
	}
	if Plain("no."+blob) != "no" {
		t.Errorf("%q", Plain("no."+blob))
	}
}
