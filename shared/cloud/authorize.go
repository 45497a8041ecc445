package cloud

// Action is what a principal wants to do, by route and not by effect: a PUT
// with an empty body is still a write.
type Action string

const (
	// ReadClouds: look at an organization's clouds.
	ReadClouds Action = "read_clouds"
	// WriteClouds: create, change, provision, repair, delete.
	WriteClouds Action = "write_clouds"
	// ReadDirectory: look at the organization, its units and projects.
	ReadDirectory Action = "read_directory"
	// WriteDirectory: keep organizations, units, projects, members, tokens and
	// the BYOC feature in step.
	WriteDirectory Action = "write_directory"
	// WriteServices: register which services live in a cloud.
	WriteServices Action = "write_services"
)

// Authorize decides, from the principal alone and before anything of the
// target is read, whether it may take the action in the organization. Another
// organization's principal gets NotFound for everything, so that an id that
// exists and one that does not are answered alike; a principal of the
// organization without the right gets Forbidden.
func Authorize(p Principal, action Action, organizationID string) error {
	if p.Role == Operator {
		return nil
	}
	if organizationID == "" || p.OrganizationID != organizationID {
		return Errorf(NotFound, "There is no such organization, or you are not a member of it.")
	}
	switch action {
	case ReadClouds, ReadDirectory:
		return nil
	case WriteClouds:
		if p.Role == Admin {
			return nil
		}
		return Errorf(Forbidden, "Only administrators of the organization can create or change custom clouds. Ask one of them, or ask to become one.")
	}
	return Errorf(Forbidden, "Only the vendor's operators can do this.")
}
