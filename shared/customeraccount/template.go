package customeraccount

import (
	"encoding/json"
	"strings"

	"byoc/shared/cloud"
	"byoc/shared/preflight"
	"byoc/shared/template/rolepolicy"
)

// checkTemplate tells from the role which version of the template is applied,
// whether and how it was edited, and whether a newer one should be applied. It
// never fails: whether the role may do what is needed is checkPolicy's to say.
func checkTemplate(read roleAsRead, r Request, newest string) Check {
	const name = preflight.Template
	switch {
	case errorCode(read.policyErr) == "NoSuchEntity":
		return warning(name, "No version of the template is applied: the role has no inline policy "+rolepolicy.Name+".", applyAgain, read.policySeen)
	case read.policyErr != nil:
		return unanswered(name, read.policySeen, read.policyErr)
	}
	applied, err := rolepolicy.Parse(read.policy)
	if err != nil {
		return unknown(name, "The role's policy was edited: it holds something that no version of the template writes.", applyAgain, read.policySeen)
	}
	version := applied.TemplateVersion()
	e := answer(read.policySeen, "template version "+version)
	if version == "" {
		e = answer(read.policySeen, "a policy without a template version")
		return warning(name, "The role's policy was edited: the statement that carries the template's version is gone.", applyAgain, e)
	}
	original, ok := rolepolicy.Of(version, cloud.Stem(r.Ref.CloudID), r.Region)
	if !ok {
		return warning(name, "The role's policy says that it is of template version "+version+", which does not exist; the newest is "+newest+".", applyAgain, e)
	}
	message := "Template version " + version + " is applied"
	edited := edits(rolepolicy.Compare(applied, original))
	switch {
	case edited != "" && version != newest:
		return warning(name, message+" and was edited: "+edited+" Version "+newest+" is the newest.", applyAgain, e)
	case edited != "":
		return warning(name, message+" and was edited: "+edited, "If that was not meant to be: a"+applyAgain[1:], e)
	case version != newest:
		return warning(name, message+", unedited; version "+newest+" is the newest.", "Download the template anew and apply it.", e)
	}
	return passed(name, message+", the newest, unedited.", e)
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
