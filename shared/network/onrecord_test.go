package network

import (
	"slices"
	"testing"

	"byoc/shared/cloud"
)

func TestOnRecordOfAnAccountThatCannotBeLookedAt(t *testing.T) {
	got := OnRecord("eu-west-1", cloud.Network{
		Steps: map[string]cloud.Step{
			"vpc":                        {State: cloud.StepReady, ResourceID: "vpc-1"},
			"nat_gateway/euw1-az1":       {State: cloud.StepDeleting, ResourceID: "nat-1"},
			"nat_gateway/euw1-az2":       {State: cloud.StepDeleting, ResourceID: "nat-2", Reason: natDeleting},
			"bastion_subnet/euw1-az1":    {State: cloud.StepGone},
			"dns_support":                {State: cloud.StepReady},
			"internet_gateway":           {State: cloud.StepReady, ResourceID: "igw-1"},
			"private_route/euw1-az1":     {State: cloud.StepReady},
			"address/euw1-az1":           {State: cloud.StepReady, ResourceID: "eipalloc-1"},
			"workload_subnet/unknown-az": {State: cloud.StepWaiting},
		},
		Leftovers: []cloud.Leftover{
			{Kind: "subnet", ID: "subnet-1", Step: "bastion_subnet/euw1-az1"},
			{Kind: "subnet", ID: "subnet-2"},
		},
	})
	if want := "aws ec2 delete-nat-gateway --nat-gateway-id nat-1 --region eu-west-1 && aws ec2 wait nat-gateway-deleted --nat-gateway-ids nat-1 --region eu-west-1"; got[0].Command != want {
		t.Errorf("%s", got[0].Command)
	}
	var ids []string
	for _, l := range got {
		ids = append(ids, l.ID)
	}
	// What a step had and has no more is gone; what no step ever had stays; what
	// AWS is deleting goes by itself.
	if want := []string{"nat-1", "eipalloc-1", "subnet-2", "igw-1", "vpc-1"}; !slices.Equal(ids, want) {
		t.Errorf("got %v, want %v", ids, want)
	}
}
