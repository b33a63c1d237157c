import { useMutation } from "@tanstack/react-query";
import { Button, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { api, must } from "@/api/client";
import { useTakeSession } from "@/app/session";
import { ErrorBox } from "@/shared/ErrorBox";
import { repeats } from "./rules";

interface Values {
  code: string;
  name: string;
  password: string;
  again: string;
}

/** The first administrator, by the one-time code that the station printed where it was started. */
export function SetupForm() {
  const { t } = useTranslation("session");
  const take = useTakeSession();
  const setup = useMutation({
    mutationFn: ({ code, name, password }: Values) => must(api.POST("/api/v1/setup", { body: { code: code.trim(), name: name.trim(), password } })),
    onSuccess: take,
  });
  const required = { required: true, message: t("required") };
  return (
    <Form layout="vertical" requiredMark={false} initialValues={{ name: "admin" }} onFinish={(values: Values) => setup.mutate(values)}>
      <h2>{t("setup.title")}</h2>
      <p className="fs-second">{t("setup.text")}</p>
      {setup.error && <ErrorBox error={setup.error} small />}
      <Form.Item name="code" label={t("setup.code")} extra={t("setup.codeHelp")} rules={[required]}>
        <Input autoComplete="one-time-code" autoFocus spellCheck={false} className="fs-mono" />
      </Form.Item>
      <Form.Item name="name" label={t("name")} rules={[required]}>
        <Input autoComplete="username" />
      </Form.Item>
      <Form.Item name="password" label={t("newPassword")} extra={t("passwordHelp")} rules={[required]}>
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Form.Item name="again" label={t("again")} dependencies={["password"]} rules={[required, repeats("password", t("different"))]}>
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Button type="primary" htmlType="submit" block loading={setup.isPending}>
        {t("setup.do")}
      </Button>
    </Form>
  );
}
