package httpapi

import (
	"net/http"

	"byoc/shared/cloud"
)

type serviceView struct {
	Name    string `json:"service_name"`
	CloudID string `json:"custom_cloud_environment_id"`
	Since   string `json:"registered_time"`
}

func serviceAnswer(status int, v cloud.Service) answer {
	return answer{status: status, body: map[string]any{"service": serviceView{v.Name, v.CloudID, timeText(v.Since)}}}.with("ETag", etag(v.Version()))
}

// service is the cloud's id and the service's name in the path.
func (c *call) service() (id, name string, err error) {
	name = c.PathValue(serviceParam)
	if !validID(name) {
		err = invalid([]cloud.Field{{Location: "path." + serviceParam, Message: "A service's name has 1 to 64 ASCII letters, digits, dashes and underscores."}})
	}
	return c.cloudID, name, err
}

func (s *server) putService(c *call) (answer, error) {
	id, name, err := c.service()
	if err != nil {
		return answer{}, err
	}
	o, err := decodeObject(c.body)
	if err != nil {
		return answer{}, err
	}
	if err := o.only(); err != nil {
		return answer{}, err
	}
	v, created, err := s.Clouds.PutService(c.Context(), c.organizationID, id, name, c.ifMatch)
	if err != nil {
		return answer{}, err
	}
	return serviceAnswer(createdStatus(created), v), nil
}

func (s *server) getService(c *call) (answer, error) {
	id, name, err := c.service()
	if err != nil {
		return answer{}, err
	}
	v, err := s.Clouds.FindService(c.Context(), c.organizationID, id, name)
	if err != nil {
		return answer{}, err
	}
	return serviceAnswer(http.StatusOK, v), nil
}

func (s *server) deleteService(c *call) (answer, error) {
	id, name, err := c.service()
	if err != nil {
		return answer{}, err
	}
	v, err := s.Clouds.RemoveService(c.Context(), c.organizationID, id, name, c.ifMatch)
	if err != nil {
		return answer{}, err
	}
	return serviceAnswer(http.StatusOK, v), nil
}

func createdStatus(created bool) int {
	if created {
		return http.StatusCreated
	}
	return http.StatusOK
}
