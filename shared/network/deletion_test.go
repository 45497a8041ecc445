package network

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"byoc/shared/cloud"
)

// proofs removes everything, and counts how often that meant to look a second
// time.
func (w *world) proofs() (waited int) {
	w.t.Helper()
	if out, err := w.until(func(e *Engine, ctx context.Context) (Outcome, error) {
		out, err := e.Delete(ctx)
		if slices.ContainsFunc(out.Pending, func(s cloud.Step) bool { return s.Reason == proving }) {
			waited++
		}
		return out, err
	}); err != nil || !out.Done {
		w.t.Fatalf("Delete: %+v, %v", out, err)
	}
	return waited
}

// strayAddress is one of this cloud's that nobody recorded.
func (w *world) strayAddress() (id string) {
	w.t.Helper()
	p, steps := w.engine().pass(), Steps(w.spec.Zones, w.spec.NATGateways)
	address := steps[slices.IndexFunc(steps, func(s Step) bool { return s.Name == stepAddress })]
	out, err := p.client.AllocateAddress(context.Background(), &ec2.AllocateAddressInput{
		Domain: types.DomainTypeVpc, TagSpecifications: p.tagsFor(address),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return *out.AllocationId
}

// The sweep that finished the network showed that all is on record: once that is
// gone, one more proves the account empty.
func TestAFinishedNetworkIsGoneAfterOneMoreSweep(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, cloud.NATPerZone)
	before := w.inventory(t)
	w.provision()
	if waited := w.proofs(); waited > 0 {
		t.Errorf("waited %d times to look again", waited)
	}
	w.empty(before)
}

// What nobody recorded makes the earlier sweep worthless.
func TestAStrayTakesTwoMoreSweeps(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, cloud.NATSingle)
	before := w.inventory(t)
	w.provision()
	w.strayAddress()
	if waited := w.proofs(); waited == 0 {
		t.Error("one sweep was taken for proof")
	}
	w.empty(before)
}

// What one kind does not show keeps nobody from telling what the others show,
// and what is on record is told from there.
func TestWhereNotAllMayBeLookedAtTheRestIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, cloud.NATSingle)
	before := w.inventory(t)
	w.provision()
	stray := w.strayAddress()
	w.answer = refuse("DescribeVpcs", "UnauthorizedOperation", "no. Encoded authorization failure message: blob")
	out, err := w.engine().Delete(t.Context())
	if cloud.CodeOf(err) != cloud.Denied || out.Done || len(out.Leftovers) != 1 || out.Leftovers[0].ID != stray || out.Leftovers[0].Step != "" {
		t.Errorf("%+v, %v", out, err)
	}
	w.answer = nil
	w.remove()
	w.empty(before)
}

// While AWS deletes the NAT gateways, everything else waits for them: one call
// is enough of a look, first after most of the time that it takes.
func TestADeletionLooksAtItsGatewaysAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, cloud.NATPerZone)
	before := w.inventory(t)
	w.provision()
	out, err := w.engine().Delete(context.Background())
	if err != nil || out.Wait != 50*time.Second || len(out.Leftovers) == 0 {
		t.Fatalf("%+v, %v", out, err)
	}
	w.journal.network.Leftovers = out.Leftovers
	w.answer = deletingGateways
	for _, wait := range []time.Duration{5 * time.Second, 5 * time.Second} {
		w.clock = w.clock.Add(out.Wait)
		w.account.forget()
		if out, err = w.engine().Delete(context.Background()); err != nil || out.Done || len(out.Pending) != 2 || out.Wait != wait {
			t.Fatalf("%+v, %v", out, err)
		}
		if calls := w.calls; len(calls) != 1 || calls[0] != "DescribeNatGateways" {
			t.Errorf("called %v", calls)
		}
		if !slices.Equal(out.Leftovers, w.journal.network.Leftovers) {
			t.Errorf("tells of %v", out.Leftovers)
		}
	}
	w.answer = nil
	w.remove()
	w.empty(before)
}

// deletingGateways shows every gateway that is asked for as being deleted.
func deletingGateways(action string, form url.Values) *http.Response {
	if action != "DescribeNatGateways" {
		return nil
	}
	var items bytes.Buffer
	for i := 1; form.Has(fmt.Sprintf("Filter.1.Value.%d", i)); i++ {
		fmt.Fprintf(&items, "<item><natGatewayId>%s</natGatewayId><state>deleting</state></item>", form.Get(fmt.Sprintf("Filter.1.Value.%d", i)))
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/xml"}},
		Body: io.NopCloser(bytes.NewBufferString(`<DescribeNatGatewaysResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><natGatewaySet>` + items.String() + `</natGatewaySet></DescribeNatGatewaysResponse>`)),
	}
}
