package httpapi

import (
	_ "embed"
	"net/http"
)

// document is OpenAPI. It is made from the types of the answers by
// a test, which fails where it is not what they are now.
//
//go:embed openapi.json
var document string

// Contract is the OpenAPI 3.1 document of the API.
func Contract() []byte { return []byte(document) }

func (s *server) openAPI(*call) (answer, error) {
	return answer{status: http.StatusOK, text: document}, nil
}
