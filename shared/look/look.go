// Package look sees whether a custom cloud that stands still does: the role, its
// external ID, and every step of the network.
package look

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"regexp"
	"slices"
	"time"

	"byoc/shared/cloud"
	"byoc/shared/customeraccount"
	"byoc/shared/network"
	"byoc/shared/watch"
)

// Accounts enters customers' accounts.
type Accounts interface {
	Validate(ctx context.Context, r customeraccount.Request) (*cloud.SeenTemplate, error)
	Look(ctx context.Context, r customeraccount.Request) (*customeraccount.Session, error)
	SeenTemplate(ctx context.Context, r customeraccount.Request, s *customeraccount.Session) *cloud.SeenTemplate
}

var _ Accounts = (*customeraccount.Assumer)(nil)

// Looker looks into customers' accounts. It creates and changes nothing there.
type Looker struct {
	Accounts   Accounts
	Records    customeraccount.Records
	Management network.Management
	Timing     network.Timing
	Now        func() time.Time
	Log        *slog.Logger
}

var _ watch.Looker = (*Looker)(nil)

// Look is that of watch.Looker. A disconnected cloud is validated as well, as
// the run that connects it again will do: it would fail on what a look at the
// network does not show, and the cloud would go to and fro.
func (l *Looker) Look(ctx context.Context, c cloud.Cloud, session string) (watch.Look, error) {
	recorder := customeraccount.NewRecorder(c.Ref(), l.Records)
	defer func() {
		if err := recorder.Flush(context.WithoutCancel(ctx)); err != nil {
			l.Log.WarnContext(ctx, "recording the calls made in the customer's account", "error", err)
		}
	}()
	request := customeraccount.RequestFor(c, session, recorder)
	if c.State == cloud.Disconnected {
		if seen, err := l.Accounts.Validate(ctx, request); err != nil {
			look, err := definite(err)
			look.Template = seen
			return look, err
		}
	}
	s, err := l.Accounts.Look(ctx, request)
	if err != nil {
		return definite(err)
	}
	block, err := netip.ParsePrefix(c.CIDR)
	if err != nil {
		return watch.Look{}, cloud.Wrap(err, cloud.Internal, "the stored range of cloud %s", c.ID)
	}
	seen := l.Accounts.SeenTemplate(ctx, request, s)
	found, err := network.New(s.EC2, unwritten{}, network.Spec{
		CloudID: c.ID, Region: c.Region, AccountID: c.AccountID(), CIDR: block, Zones: c.Network.Zones,
		NATGateways: c.NATGateways, Management: l.Management, IngressRules: c.IngressRules, Timing: l.Timing,
	}, c.Network, l.Now).Status(ctx)
	look := ofNetwork(c, found)
	if err != nil {
		look, err = definite(err)
	}
	look.Template = seen
	return look, err
}

// definite is what an error proves; any other stays one.
func definite(err error) (watch.Look, error) {
	d := cloud.Defect{Message: cloud.MessageOf(err)}
	switch cloud.CodeOf(err) {
	case cloud.RoleNotAssumable:
		d.Reason = cloud.ReasonRoleNotAssumable
	case cloud.ExternalIDNotEnforced:
		d.Reason = cloud.ReasonExternalIDNotEnforced
	case cloud.Denied:
		d.Reason, d.Subject = cloud.ReasonDenied, action.FindString(d.Message)
	default:
		return watch.Look{}, err
	}
	return watch.Look{Defects: []cloud.Defect{d}}, nil
}

// action as policies name it.
var action = regexp.MustCompile(`\b(ec2|iam|sts):[A-Z][A-Za-z]+`)

// ofNetwork names each resource that is missing once, whatever should hang on
// it, and each property that differs.
func ofNetwork(c cloud.Cloud, found []network.Finding) watch.Look {
	titles := map[string]string{}
	for _, d := range network.DisplayOrder(c.Network.Zones, c.NATGateways) {
		titles[d.Key] = d.Title
		if d.Zone != "" {
			titles[d.Key] += " in " + d.Zone
		}
	}
	var look watch.Look
	for _, f := range found {
		d := cloud.Defect{Subject: f.ResourceID, Property: f.Property}
		title := titles[f.Key]
		switch f.Verdict {
		case network.Pending:
			look.Unsettled = true
			continue
		case network.Missing:
			d.Reason, d.Message = cloud.ReasonMissing, fmt.Sprintf("Missing in the account: %s (%s). A repair puts it back.", title, or(f.ResourceID, "not on record"))
			if d.Subject == "" {
				d.Subject = f.Key
			}
		case network.Altered:
			if f.Key == network.WorkloadRules && f.Property == network.InboundRule && c.RulesPending() {
				// Rules that no run was to apply yet are nobody's drift.
				continue
			}
			d.Reason, d.Message = cloud.ReasonAltered, fmt.Sprintf("Altered in the account: %s (%s): %s should be %s and is %s. A repair puts it back.",
				title, f.ResourceID, f.Property, or(f.Want, "none"), or(f.Got, "none"))
			if f.Property == network.InboundRule {
				// A group has many.
				d.Property += " " + or(f.Want, f.Got)
			}
		default:
			continue
		}
		if !slices.ContainsFunc(look.Defects, d.Same) {
			look.Defects = append(look.Defects, d)
		}
	}
	return look
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// unwritten is the journal of a look.
type unwritten struct{}

var errUnwritten = cloud.Errorf(cloud.Internal, "a look wrote to the record")

func (unwritten) Record(context.Context, cloud.Step) error     { return errUnwritten }
func (unwritten) CreateCalled(context.Context) error           { return errUnwritten }
func (unwritten) Swept(context.Context, bool, time.Time) error { return errUnwritten }
