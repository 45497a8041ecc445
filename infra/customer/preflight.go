package customer

import (
	"context"
	"net/http"

	"byoc/shared/preflight"
)

// Preflight makes the checks with a role, or the one on record where it is empty.
func (c *Customer) Preflight(ctx context.Context, id, roleARN string) (preflight.Answer, error) {
	body := map[string]any{}
	if roleARN != "" {
		body["aws_iam_role_arn"] = roleARN
	}
	var a preflight.Answer
	err := c.do(ctx, http.MethodPost, c.Clouds(id, "preflight"), body, &a)
	return a, err
}
