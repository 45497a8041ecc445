package authorization

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"byoc/infra/local/awscall"
)

// globalKeys are the condition keys that every request is given, and those
// that are truly absent when they are missing. A key that ends in / is
// a prefix.
var globalKeys = []string{
	"aws:requesttag/", "aws:tagkeys", "aws:requestedregion", "aws:resourceaccount",
	"aws:principalarn", "aws:principalaccount", "aws:principaltype",
	"aws:securetransport", "aws:currenttime", "aws:epochtime",
	"aws:viaawsservice", "aws:calledvia",
}

// serviceKeys are the same by service prefix of the action.
var serviceKeys = map[string][]string{
	"ec2": {
		"ec2:resourcetag/", "aws:resourcetag/", "ec2:createaction", "ec2:region", "ec2:vpcid", "ec2:subnetid",
		"ec2:internetgatewayid", "ec2:routetableid", "ec2:securitygroupid", "ec2:allocationid", "ec2:networkinterfaceid",
	},
	"iam":            {"iam:permissionsboundary", "iam:policyarn", "iam:resourcetag/", "aws:resourcetag/", "iam:passedtoservice"},
	"sts":            {"sts:externalid", "sts:rolesessionname", "sts:sourceidentity", "sts:transitivetagkeys"},
	"dynamodb":       {"dynamodb:enclosingoperation", "dynamodb:select", "dynamodb:returnconsumedcapacity", "dynamodb:returnvalues"},
	"events":         {"events:source", "events:detail-type"},
	"ses":            {"ses:fromaddress", "ses:fromdisplayname", "ses:recipients"},
	"s3":             {"s3:prefix", "s3:delimiter", "s3:max-keys", "s3:resourceaccount"},
	"secretsmanager": {"secretsmanager:secretid", "secretsmanager:versionid", "secretsmanager:versionstage"},
}

// knows tells whether a missing key means that AWS would miss it too.
func knows(action string) func(key string) bool {
	service, _, _ := strings.Cut(action, ":")
	return func(key string) bool {
		match := func(known string) bool {
			return key == known || strings.HasSuffix(known, "/") && strings.HasPrefix(key, known)
		}
		return slices.ContainsFunc(globalKeys, match) || slices.ContainsFunc(serviceKeys[service], match)
	}
}

// addGlobalKeys completes the context of an authorization ("AWS global
// condition context keys"). aws:PrincipalArn is the role, not the session, and
// the local AWS counts as reached over TLS.
func addGlobalKeys(authorization *Authorization, call *awscall.Call, now time.Time) {
	principal, kind := call.Caller.ARN, "Account"
	if call.Caller.RoleARN != "" {
		principal, kind = call.Caller.RoleARN, "AssumedRole"
	}
	authorization.set("aws:PrincipalArn", principal)
	authorization.set("aws:PrincipalAccount", call.Caller.Account)
	authorization.set("aws:PrincipalType", kind)
	authorization.set("aws:RequestedRegion", call.Region)
	authorization.set("aws:SecureTransport", "true")
	authorization.set("aws:ViaAWSService", "false")
	authorization.set("aws:CurrentTime", now.UTC().Format(time.RFC3339))
	authorization.set("aws:EpochTime", strconv.FormatInt(now.Unix(), 10))
	if parts := strings.SplitN(authorization.Resource, ":", 6); len(parts) == 6 {
		authorization.set("aws:ResourceAccount", parts[4])
	}
}
