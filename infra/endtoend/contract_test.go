package endtoend

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"

	"byoc/shared/httpapi"
	"byoc/shared/httpapi/contract"
)

// breaches counts answers that are not what the API's OpenAPI document says.
var breaches atomic.Int32

// holdToContract checks every answer of the API that any client of this process
// gets over the default transport.
func holdToContract() error {
	c, err := contract.Load(httpapi.Contract())
	if err != nil {
		return err
	}
	http.DefaultTransport = &contract.Transport{
		Contract: c, Next: http.DefaultTransport,
		Serves: func(r *http.Request) bool { return strings.HasPrefix(system.APIURL(), "http://"+r.URL.Host) },
		Wrong: func(err error) {
			breaches.Add(1)
			fmt.Fprintln(os.Stderr, "FAIL: an answer that is not in the contract:", err)
		},
	}
	return nil
}
