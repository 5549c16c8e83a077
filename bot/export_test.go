package bot

import "context"

// Receive receives from one platform, as Run does.
func (s *Service) Receive(ctx context.Context, p Platform) error { return s.receive(ctx, p) }
