package httpapi

import (
	"net/http"
	"time"

	"byoc/shared/cloud"
)

type memberView struct {
	ID    string     `json:"member_id"`
	Role  cloud.Role `json:"role"`
	Email string     `json:"email,omitempty"`
	Name  string     `json:"real_name,omitempty"`
}

func viewMember(m cloud.Membership) memberView { return memberView{m.ID, m.Role, m.Email, m.Name} }

func (s *server) listMembers(c *call) (answer, error) {
	members, err := s.Directory.ListMembers(c.Context(), c.organizationID)
	if err != nil {
		return answer{}, err
	}
	return pageAnswer(c, "members", members, func(m cloud.Membership) string { return m.ID }, viewMember)
}

func (s *server) putMember(c *call) (answer, error) {
	p := cloud.Principal{OrganizationID: c.organizationID, ID: c.PathValue(memberParam)}
	o, err := c.decodeAt(memberParam, "role", "email", "real_name")
	if err != nil {
		return answer{}, err
	}
	p.Role, p.Email, p.Name = cloud.Role(o.textOr("role")), o.textOr("email"), o.textOr("real_name")
	if err := o.err(); err != nil {
		return answer{}, err
	}
	m, err := s.directory.PutMember(c.Context(), p, c.ifMatch)
	return answer{status: http.StatusOK, body: map[string]any{"member": viewMember(m)}}.with("ETag", etag(m.Version)), err
}

func (s *server) deleteMember(c *call) (answer, error) {
	return c.remove(memberParam, s.directory.RemoveMember)
}

type tokenView struct {
	ID          string `json:"token_id"`
	MemberID    string `json:"member_id"`
	Description string `json:"description,omitempty"`
	CreateTime  string `json:"create_time,omitempty"`
	ExpiresAt   string `json:"expires_at,omitempty"`
	RevokedAt   string `json:"revoked_at,omitempty"`
	// Token is the secret, in the answer that made it and nowhere else.
	Token string `json:"token,omitempty"`
}

func viewToken(t cloud.Token) tokenView {
	return tokenView{
		ID: cloud.TokenID(t.Hash), MemberID: t.Principal.ID, Description: t.Description,
		CreateTime: timeText(t.CreatedAt), ExpiresAt: timeText(t.ExpiresAt), RevokedAt: timeText(t.RevokedAt),
	}
}

func (s *server) listTokens(c *call) (answer, error) {
	tokens, err := s.Directory.ListTokens(c.Context(), c.organizationID)
	if err != nil {
		return answer{}, err
	}
	return pageAnswer(c, "tokens", tokens, func(t cloud.Token) string { return cloud.TokenID(t.Hash) }, viewToken)
}

// createToken shows the secret once: a repetition of the request is refused.
func (s *server) createToken(c *call) (answer, error) {
	o, err := decodeObject(c.body)
	if err != nil {
		return answer{}, err
	}
	o.refuseOthers("member_id", "description", "expires_at")
	member, description := o.id("member_id"), o.textOr("description")
	if !member.Set && len(*o.problems) == 0 {
		o.problem(".member_id", "Say for which member of the organization the token is.")
	}
	var expires time.Time
	if text := o.text("expires_at"); text.Set {
		if expires, err = time.Parse(time.RFC3339, text.Value); err != nil {
			o.problem(".expires_at", "Must be a time such as 2027-01-31T00:00:00Z.")
		}
	}
	if err := o.err(); err != nil {
		return answer{}, err
	}
	var kept []cloud.Kept
	if c.once != nil {
		kept = []cloud.Kept{{ID: c.once.ID, BodyHash: c.once.BodyHash, At: s.Now().UTC()}}
	}
	t, secret, err := s.directory.CreateToken(c.Context(), c.organizationID, member.Value, description, expires, kept...)
	if err != nil {
		return answer{}, err
	}
	if c.once != nil {
		c.once.Done = true
	}
	v := viewToken(t)
	v.Token = secret
	return tokenAnswer(http.StatusCreated, t, v), nil
}

func (s *server) revokeToken(c *call) (answer, error) {
	t, err := s.directory.RevokeToken(c.Context(), c.organizationID, c.PathValue(tokenParam), c.ifMatch)
	if err != nil {
		return answer{}, err
	}
	return tokenAnswer(http.StatusOK, t, viewToken(t)), nil
}

func tokenAnswer(status int, t cloud.Token, v tokenView) answer {
	return answer{status: status, body: map[string]any{"token": v}}.with("ETag", etag(t.Version()))
}
