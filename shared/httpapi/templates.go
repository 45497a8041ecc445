package httpapi

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"byoc/shared/cloud"
	"byoc/shared/template"
)

func (s *server) terraformTemplate(c *call) (answer, error) {
	return s.document(c, ".tf", func(template.Values) (string, any, error) {
		return template.Terraform(), map[string]string{"template": template.Terraform()}, nil
	})
}

func (s *server) terraformVariables(c *call) (answer, error) {
	return s.document(c, ".tfvars", func(v template.Values) (string, any, error) {
		text, err := template.Variables(v)
		return string(text), map[string]string{"variables": string(text)}, err
	})
}

type cloudFormationView struct {
	// Template has the cloud's values filled in.
	Template string `json:"template"`
	// QuickCreateURL creates the stack of the published text, where a bucket
	// holds it.
	QuickCreateURL string `json:"quick_create_url,omitempty"`
}

func (s *server) cloudFormationTemplate(c *call) (answer, error) {
	return s.document(c, ".cloudformation.json", func(v template.Values) (string, any, error) {
		text, err := template.CloudFormation(v)
		if err != nil {
			return "", nil, err
		}
		link, err := s.quickCreateURL(v)
		return text, cloudFormationView{text, link}, err
	})
}

// quickCreateURL is empty where no bucket holds the published text.
func (s *server) quickCreateURL(v template.Values) (string, error) {
	if s.Settings.TemplateBucketURL == "" {
		return "", nil
	}
	return template.QuickCreateURL(s.Settings.TemplateBucketURL, v)
}

// document answers a text of a cloud: in a JSON object, or as a file named after
// the cloud where the client prefers plain text.
func (s *server) document(c *call, suffix string, render func(template.Values) (text string, body any, err error)) (answer, error) {
	x, err := s.findCloud(c)
	if err != nil {
		return answer{}, err
	}
	text, body, err := render(s.templateValues(x))
	if err != nil {
		return answer{}, err
	}
	a := answer{status: http.StatusOK, body: body}
	if prefersText(c.Header.Values("Accept")) {
		a.file = &file{name: x.Stem() + suffix, text: text}
	}
	return a.with("Vary", "Accept"), nil
}

func (s *server) templateValues(x cloud.Cloud) template.Values {
	return template.ValuesFor(x, s.Settings.Principal)
}

// prefersText says whether text/plain is wanted more than JSON. A client that
// takes anything gets JSON.
func prefersText(accept []string) bool {
	var text, json float64
	for _, part := range strings.Split(strings.Join(accept, ","), ",") {
		media, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		q := 1.0
		if s, ok := params["q"]; ok {
			if q, err = strconv.ParseFloat(s, 64); err != nil {
				continue
			}
		}
		switch media {
		case "text/plain", "text/*":
			text = max(text, q)
		case "application/json", "application/*":
			json = max(json, q)
		}
	}
	return text > json
}
