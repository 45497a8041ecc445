package customeraccount

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"byoc/shared/cloud"
	"byoc/shared/preflight"
	"byoc/shared/template/rolepolicy"
)

// SeenTemplate reads of the role that a session is of which template it was made
// by, and whether and how it was edited; nil where the role does not tell.
func (a *Assumer) SeenTemplate(ctx context.Context, r Request, s *Session) *cloud.SeenTemplate {
	role, err := cloud.ParseRoleARN(r.RoleARN)
	if err != nil {
		return nil
	}
	var read roleAsRead
	read.readPolicy(ctx, s, role.Name)
	return checkTemplate(read, r, a.versions).Seen
}

// checkTemplate tells from the role which version of the template is applied,
// whether and how it was edited, and whether a newer one should be applied. It
// never fails: whether the role may do what is needed is checkPolicy's to say.
func checkTemplate(read roleAsRead, r Request, versions rolepolicy.Versions) Check {
	const name = preflight.Template
	newest := versions.Newest()
	edited := func(message string, e preflight.Evidence) Check {
		c := warning(name, message, applyAgain, e)
		c.Seen = &cloud.SeenTemplate{Edits: message}
		return c
	}
	switch {
	case errorCode(read.policyErr) == "NoSuchEntity":
		return edited("No version of the template is applied: the role has no inline policy "+rolepolicy.Name+".", read.policySeen)
	case read.policyErr != nil:
		return r.unanswered(name, read.policySeen, read.policyErr)
	}
	applied, err := rolepolicy.Parse(read.policy)
	if err != nil {
		c := edited("The role's policy was edited: it holds something that no version of the template writes.", read.policySeen)
		c.Verdict = preflight.CouldNotCheck
		return c
	}
	version := applied.TemplateVersion()
	e := answer(read.policySeen, "template version "+version)
	if version == "" {
		e = answer(read.policySeen, "a policy without a template version")
		return edited("The role's policy was edited: the statement that carries the template's version is gone.", e)
	}
	original, ok := versions.Of(version, cloud.Stem(r.Ref.CloudID), r.Region)
	if !ok {
		return edited("The role's policy says that it is of template version "+version+", which does not exist; the newest is "+newest+".", e)
	}
	return checkVersion(version, newest, edits(rolepolicy.Compare(applied, original)), e)
}

// checkVersion judges a version that exists.
func checkVersion(version, newest, edited string, e preflight.Evidence) Check {
	message := "Template version " + version + " is applied"
	c := passed(preflight.Template, message+", the newest, unedited.", e)
	switch {
	case edited != "" && version != newest:
		c = warning(preflight.Template, message+" and was edited: "+edited+" Version "+newest+" is the newest.", applyAgain, e)
	case edited != "":
		c = warning(preflight.Template, message+" and was edited: "+edited, "If that was not meant to be: a"+applyAgain[1:], e)
	case version != newest:
		c = warning(preflight.Template, message+", unedited; version "+newest+" is the newest.", "Download the template anew and apply it.", e)
	}
	if n, err := strconv.Atoi(version); err == nil {
		c.Seen = &cloud.SeenTemplate{Version: n, Edits: sentence(edited)}
	}
	return c
}

func sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// edits says how a policy differs from the template's, in sentences; empty
// where it does not.
func edits(d rolepolicy.Difference) string {
	var list []string
	if len(d.Missing) > 0 {
		list = append(list, "it lacks "+strings.Join(d.MissingActions(), ", ")+".")
	}
	if len(d.Denies) > 0 {
		list = append(list, "It denies besides: "+strings.Join(d.Denies, ", ")+".")
	}
	if len(d.More) > 0 {
		more, err := json.Marshal(d.More)
		if err != nil {
			more = nil
		}
		list = append(list, "It allows besides: "+shortened(string(more)))
	}
	return strings.Join(list, " ")
}
