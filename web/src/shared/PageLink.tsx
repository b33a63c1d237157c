import { Link } from "@tanstack/react-router";
import type { ComponentProps, ReactNode } from "react";

interface PageLinkProps extends Omit<ComponentProps<"a">, "href"> {
  to: string; // path of a page, with or without its search
  search?: Record<string, string | undefined>;
  children: ReactNode;
}

/** A link to another feature's page, by its address: features do not know each other's types. */
export function PageLink({ to, search, children, ...rest }: PageLinkProps) {
  const [path, query] = to.split("?");
  const all = { ...Object.fromEntries(new URLSearchParams(query)), ...search };
  return (
    <Link {...rest} to={path as never} search={all as never}>
      {children}
    </Link>
  );
}
