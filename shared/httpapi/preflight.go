package httpapi

import (
	"context"
	"net/http"

	"byoc/shared/cloud"
	"byoc/shared/preflight"
	"byoc/shared/task"
)

// Preflighter makes the checks of a customer's account. Unavailable where they
// did not answer in time.
type Preflighter interface {
	Preflight(ctx context.Context, t preflight.Task) (preflight.Answer, error)
}

// preflightCloud answers every check, whatever becomes of them: what was not
// reached in time is could_not_check.
func (s *server) preflightCloud(c *call) (answer, error) {
	o, err := decodeObject(c.body)
	if err != nil {
		return answer{}, err
	}
	roleARN := o.text("aws_iam_role_arn")
	if err := o.only("aws_iam_role_arn"); err != nil {
		return answer{}, err
	}
	x, err := s.Clouds.ForPreflight(c.Context(), c.organizationID, c.cloudID, roleARN.Value)
	if err != nil {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(c.Context(), preflight.Wait)
	defer cancel()
	a, err := s.Preflight.Preflight(ctx, preflight.Task{
		Input: task.Input{Ref: x.Ref(), Execution: x.ID + "-preflight"}, Answer: true, RoleARN: x.RoleARN,
	})
	if cloud.CodeOf(err) == cloud.Unavailable {
		a, err = preflight.NewAnswer(preflight.Unreached(nil, cloud.MessageOf(err))), nil
	}
	return answer{status: http.StatusOK, body: a}, err
}
