package httpapi

import (
	"net/http"

	"byoc/shared/cloud"
)

// repairCloud starts the run that puts back what is missing. A body says nothing
// that a repair could heed.
func (s *server) repairCloud(c *call) (answer, error) {
	o, err := decodeObject(c.body)
	if err == nil {
		err = o.only()
	}
	if err != nil {
		return answer{}, err
	}
	return s.cloudAnswerOr(c, http.StatusOK)(s.Clouds.Repair(s.renderCloud(c, http.StatusOK), c.organizationID, c.cloudID, c.principal, c.cloudMatch))
}

// reasonView is one thing that the watch found wrong.
type reasonView struct {
	Reason   cloud.Reason `json:"reason"`
	Resource string       `json:"resource,omitempty"`
	Action   string       `json:"action,omitempty"`
	Property string       `json:"property,omitempty"`
	Message  string       `json:"message"`
	Since    string       `json:"since"`
}

// reasonsOf is why a cloud is disconnected, or being connected again. What an
// active one may have is not certain yet.
func reasonsOf(x cloud.Cloud) []reasonView {
	views := []reasonView{}
	if x.State != cloud.Disconnected && x.State != cloud.Reconnecting {
		return views
	}
	for _, d := range x.Network.Defects {
		views = append(views, reasonOf(d))
	}
	return views
}

func reasonOf(d cloud.Defect) reasonView {
	v := reasonView{Reason: d.Reason, Resource: d.Subject, Property: d.Property, Message: d.Message, Since: timeText(d.Since)}
	if d.Reason == cloud.ReasonDenied {
		v.Resource, v.Action = "", d.Subject
	}
	return v
}
