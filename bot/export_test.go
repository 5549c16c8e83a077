package bot

import "context"

// Receive receives from one platform, as Run does.
func (s *Service) Receive(ctx context.Context, p Platform) error { return s.receive(ctx, p) }

// Renew renews the leases that end soon, as Run does.
func (s *Service) Renew(ctx context.Context) { s.out.leases.renewAll(ctx) }
