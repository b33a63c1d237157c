import { useMutation } from "@tanstack/react-query";
import { Button, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { api, must } from "@/api/client";
import { useTakeSession } from "@/app/session";
import { ErrorBox } from "@/shared/ErrorBox";

interface Values {
  name: string;
  password: string;
}

/** Name and password; whoever succeeds lands on the address that was asked for. */
export function SignInForm() {
  const { t } = useTranslation("session");
  const take = useTakeSession();
  const [form] = Form.useForm<Values>();
  const signIn = useMutation({
    mutationFn: (body: Values) => must(api.POST("/api/v1/session", { body })),
    onSuccess: take,
    onError: () => form.getFieldInstance("password")?.focus?.(),
  });
  const required = { required: true, message: t("required") };
  return (
    <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => signIn.mutate(values)}>
      <h2>{t("signIn.title")}</h2>
      {signIn.error && <ErrorBox error={signIn.error} small />}
      <Form.Item name="name" label={t("name")} rules={[required]}>
        <Input autoComplete="username" autoFocus />
      </Form.Item>
      <Form.Item name="password" label={t("password")} rules={[required]}>
        <Input.Password autoComplete="current-password" />
      </Form.Item>
      <Button type="primary" htmlType="submit" block loading={signIn.isPending}>
        {t("signIn.do")}
      </Button>
    </Form>
  );
}
