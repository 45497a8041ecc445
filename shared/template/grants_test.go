package template_test

import (
	"byoc/infra/policyproof"
	"byoc/shared/network"
	"byoc/shared/template/rolepolicy"
)

// grants is what the steps of the network need.
func grants() []rolepolicy.Grant { return policyproof.Grants(network.Actions()) }
